import mysql2 from "mysql2/promise";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type OwnDatabase, ownMysql, ownPostgres } from "../../test/fixtures/own-database.js";
import { generationOf } from "../../test/fixtures/sessions.js";
import { type SmallAnswer, type SmallApp, startSmallApp } from "../../test/fixtures/small-app.js";
import { openProxy, type TcpProxy } from "../../test/fixtures/tcp-proxy.js";
import { mysql } from "./mysql/database.js";
import type { Database } from "./port.js";
import { postgres } from "./postgres/database.js";

interface Options {
  readonly connections: number;
  /** Milliseconds. */
  readonly statementTimeout: number;
  readonly lockTimeout?: number;
}

/** A second connection, of somebody else. */
interface Other {
  run(sql: string): Promise<void>;
  end(): Promise<void>;
}

interface Case {
  readonly name: string;
  readonly server: string | undefined;
  own(server: string): Promise<OwnDatabase>;
  database(url: string, options: Options): Database;
  other(url: string): Promise<Other>;
}

const cases: readonly Case[] = [
  {
    name: "PostgreSQL",
    server: process.env["TEST_POSTGRES_URL"],
    own: ownPostgres,
    // When nothing is prepared, each statement travels as text, and the proxy can tell which it is.
    database: (url, options) => postgres(url, { ...options, preparedStatements: false }),
    async other(url) {
      const client = new pg.Client(url);
      await client.connect();
      return { run: async (text) => void (await client.query(text)), end: () => client.end() };
    },
  },
  {
    name: "MySQL",
    server: process.env["TEST_MYSQL_URL"],
    own: ownMysql,
    database: (url, options) => mysql(url, { ...options, preparedStatements: false }),
    async other(url) {
      const client = await mysql2.createConnection(url);
      return { run: async (text) => void (await client.query(text)), end: () => client.end() };
    },
  },
];

describe.each(cases)("$name that fails", ({ server, own, database, other }) => {
  describe.skipIf(server === undefined)("is a 503 for everybody, and never a reason to sign in again", () => {
    let ours: OwnDatabase;
    let proxy: TcpProxy;
    let app: SmallApp;

    const start = async (options: Options): Promise<void> => {
      // Every request rotates: there is always something to write.
      app = await startSmallApp(database(proxy.url, options), { batchRequestBufferThrottle: 0 });
    };
    beforeAll(async () => {
      ours = await own(server ?? "");
    });
    beforeEach(async () => {
      proxy = await openProxy(ours.url);
    });
    afterEach(async () => {
      await app.close();
      await proxy.close();
    });
    afterAll(() => ours?.drop());

    test("gone at the start: both kinds of routes answer 503, until it is there (security 47)", async () => {
      await proxy.stop();
      await start(usual);
      const stranger = { "access-token": "x".repeat(80), client: "someone", uid: "a@example.com" };
      expectUnavailable(await app.signUp());
      expectUnavailable(await app.visit(stranger));
      expectUnavailable(await app.ask("GET", "/auth/validate_token", stranger));
      await proxy.restore();
      expect((await app.visit(stranger)).status).toBe(401);
      expect((await app.signUp()).status).toBe(200);
    });

    test("silent while it is opened: nobody waits for the end of it, and all goes on once it speaks again", async () => {
      proxy.stallAt("keyturn_migrations");
      await start({ connections: 3, statementTimeout: 20_000 });
      const began = performance.now();
      expectUnavailable(await app.signUp());
      expect(performance.now() - began).toBeLessThan(10_000);
      await proxy.restore();
      expect((await app.signUp()).status).toBe(200);
    });

    test("gone while it runs: 503 for good tokens and bad ones, and the good one is good again when it is back (security 47)", async () => {
      await start(usual);
      const { credentials } = await app.signUp();
      const old = (await app.visit(credentials)).credentials;
      const { credentials: newest } = await app.visit(old);
      await proxy.stop();
      for (const shown of [newest, old, credentials]) {
        expectUnavailable(await app.visit(shown));
        expectUnavailable(await app.ask("GET", "/auth/validate_token", shown));
        expectUnavailable(await app.ask("DELETE", "/auth/sign_out", shown));
      }
      expectUnavailable(await app.signIn(newest.uid));
      await proxy.restore();
      expect((await app.visit(newest)).status).toBe(200);
      expect((await app.visit(credentials)).status).toBe(401);
    });

    test.each([
      ["a rotation", "update", (shown: SmallAnswer) => app.visit(shown.credentials)],
      [
        "the transaction of a sign-in",
        "insert into",
        (shown: SmallAnswer) => app.signIn(shown.credentials.uid),
      ],
    ])("cut in the middle of %s: 503, and the next request is served", async (_what, text, does) => {
      await start(usual);
      const signedUp = await app.signUp();
      for (const cut of [proxy.cutBefore, proxy.cutAfter]) {
        cut(text);
        expectUnavailable(await does(signedUp));
        expect(proxy.hasCut()).toBe(true);
        expect((await does(signedUp)).status).toBe(200);
      }
    });

    test("a rotation whose answer the database could not deliver costs nobody the session (property 2)", async () => {
      await start(usual);
      const { credentials } = await app.signUp();
      proxy.cutAfter("update");
      expectUnavailable(await app.visit(credentials));
      const again = await app.visit(credentials);
      expect([again.status, generationOf(again.credentials["access-token"])]).toEqual([200, 1]);
      const next = await app.visit(again.credentials);
      expect([next.status, generationOf(next.credentials["access-token"])]).toEqual([200, 2]);
    });

    test("silent: nobody waits for longer than a statement may take and a connection may be waited for", async () => {
      await start({ connections: 1, statementTimeout: 500 });
      const { credentials } = await app.signUp();
      proxy.stall();
      const began = performance.now();
      const answers = await Promise.all([1, 2, 3, 4].map(() => app.visit(credentials)));
      for (const answer of answers) expectUnavailable(answer);
      expect(performance.now() - began).toBeLessThan(10_000);
      await proxy.restore();
      expect((await app.visit(credentials)).status).toBe(200);
    });

    test("all connections busy: 503 after the wait for one, while the busy one goes on", async () => {
      await start({ connections: 1, statementTimeout: 15_000, lockTimeout: 15_000 });
      const held = await app.signUp();
      const waiting = await app.signUp();
      const lock = await other(ours.url);
      await lock.run("begin");
      await lock.run("select * from keyturn_sessions for update");
      const stalled = app.visit(held.credentials);
      expectUnavailable(await app.visit(waiting.credentials));
      await lock.run("rollback");
      expect((await stalled).status).toBe(200);
      expect((await app.visit(waiting.credentials)).status).toBe(200);
      await lock.end();
    });
  });
});

const usual: Options = { connections: 3, statementTimeout: 5000 };

function expectUnavailable({ status, retryAfter, type, body }: SmallAnswer): void {
  expect([status, retryAfter, type]).toEqual([
    503,
    expect.stringMatching(/^[2-5]$/),
    "application/json; charset=utf-8",
  ]);
  expect(JSON.parse(body)).toMatchObject({
    errors: ["The service is not available right now. Please try again in a moment."],
    code: "unavailable",
  });
}
