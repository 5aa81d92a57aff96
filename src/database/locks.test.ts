import { setTimeout as sleep } from "node:timers/promises";
import mysql2 from "mysql2/promise";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ownMysql, ownPostgres } from "../../test/fixtures/own-database.js";
import { createAuth } from "../auth.js";
import type { AuthConfig } from "../config/config.js";
import { mysql } from "./mysql/database.js";
import type { Database } from "./port.js";
import { postgres } from "./postgres/database.js";

/**
 * Findings A5: somebody else holds a lock for longer than a statement may wait. What a client was told has failed does not happen
 * later, and other sessions go on.
 */

interface Server {
  readonly name: string;
  readonly url: string | undefined;
  open(server: string): Promise<{
    readonly database: Database;
    /** Runs SQL in a transaction that stays open until it is rolled back. */
    hold(sql: string): Promise<() => Promise<void>>;
    read(sql: string): Promise<Record<string, unknown> | undefined>;
    drop(): Promise<void>;
  }>;
}

const servers: readonly Server[] = [
  {
    name: "PostgreSQL",
    url: process.env["TEST_POSTGRES_URL"],
    async open(server) {
      const own = await ownPostgres(server);
      const clients: pg.Client[] = [];
      const connect = async () => {
        const client = new pg.Client(own.url);
        await client.connect();
        clients.push(client);
        return client;
      };
      return {
        database: postgres(own.url, { connections: 10, lockTimeout: 500 }),
        async hold(sql) {
          const client = await connect();
          await client.query("begin");
          await client.query(sql);
          return async () => void (await client.query("rollback"));
        },
        async read(sql) {
          return (await (await connect()).query(sql)).rows[0];
        },
        async drop() {
          for (const client of clients) await client.end();
          await own.drop();
        },
      };
    },
  },
  {
    name: "MySQL/MariaDB",
    url: process.env["TEST_MYSQL_URL"],
    async open(server) {
      const own = await ownMysql(server);
      const connections: mysql2.Connection[] = [];
      const connect = async () => {
        const connection = await mysql2.createConnection(own.url);
        connections.push(connection);
        return connection;
      };
      return {
        database: mysql(own.url, { connections: 10, lockTimeout: 1000 }),
        async hold(sql) {
          const connection = await connect();
          await connection.query("begin");
          await connection.query(sql);
          return async () => void (await connection.query("rollback"));
        },
        async read(sql) {
          const [rows] = await (await connect()).query(sql);
          return Array.isArray(rows) ? Object(rows[0]) : undefined;
        },
        async drop() {
          for (const connection of connections) await connection.end();
          await own.drop();
        },
      };
    },
  },
];

const person = { email: "ada@example.com", password: "a quiet violet hour" };
const silent = { info() {}, warn() {}, error() {} };

describe.each(servers)("on $name", ({ url: server, open }) => {
  describe.skipIf(server === undefined)("a lock that is held for longer than a statement may wait", () => {
    let world: Awaited<ReturnType<typeof open>>;
    let auth: ReturnType<typeof start>;
    const start = (database: Database) => {
      const config = {
        baseUrl: "http://localhost:3000",
        environment: "test",
        database,
        batchRequestBufferThrottle: "100ms",
        logger: silent,
        models: { user: { mountAt: "/auth", confirmable: false } },
      } as const satisfies AuthConfig;
      return createAuth(config);
    };
    beforeAll(async () => {
      world = await open(server ?? "");
      auth = start(world.database);
      await auth.ready();
    });
    afterAll(async () => {
      await auth.close();
      await world.drop();
    });

    const ask = (route: string, body?: object, headers: Record<string, string> = {}) => {
      const [method = "", path = ""] = route.split(" ");
      const content = body ? { body: JSON.stringify(body) } : {};
      const init = { method, headers: { "content-type": "application/json", ...headers }, ...content };
      return auth.handle(new Request(`http://localhost:3000${path}`, init));
    };
    const signedUp = async (email: string) => {
      const response = await ask("POST /auth", { ...person, email });
      const names = ["access-token", "client", "uid"];
      return Object.fromEntries(names.map((name) => [name, response.headers.get(name) ?? ""]));
    };
    const generation = async (client = "") =>
      Number(
        (await world.read(`select generation from keyturn_sessions where client = '${client}'`))?.[
          "generation"
        ],
      );

    test("a rotation is a 503 with Retry-After, does not happen later, and the token goes on afterwards (security 53)", async () => {
      const held = await signedUp("rotates@example.com");
      await sleep(150);
      const release = await world.hold(
        `select * from keyturn_sessions where client = '${held["client"]}' for update`,
      );
      const refused = await ask("GET /auth/validate_token", undefined, held);
      expect([refused.status, refused.headers.get("retry-after")]).toEqual([
        503,
        expect.stringMatching(/^[2-5]$/),
      ]);
      await release();
      await sleep(300);
      expect(await generation(held["client"])).toBe(0);
      expect((await ask("GET /auth/validate_token", undefined, held)).status).toBe(200);
      expect(await generation(held["client"])).toBe(1);
    }, 30_000);

    test("a change of the account is a 503, and is not made later (security 53)", async () => {
      const held = await signedUp("changes@example.com");
      const release = await world.hold("select * from users where email = 'changes@example.com' for update");
      const refused = await ask("PUT /auth", { email: "taken@example.com" }, held);
      expect(refused.status).toBe(503);
      await release();
      await sleep(300);
      expect(await auth.accounts.findByEmail("user", "taken@example.com")).toBeUndefined();
      expect((await ask("PUT /auth", { email: "taken@example.com" }, held)).status).toBe(200);
    }, 30_000);

    test("a registration is a 503, and the same address can register afterwards (security 53)", async () => {
      const release = await world.hold(
        "insert into users (provider, uid, email, created_at, updated_at) values ('email', 'new@example.com', 'new@example.com', '2026-01-01', '2026-01-01')",
      );
      expect((await ask("POST /auth", { ...person, email: "new@example.com" })).status).toBe(503);
      await release();
      await sleep(300);
      expect(await auth.accounts.findByEmail("user", "new@example.com")).toBeUndefined();
      expect((await ask("POST /auth", { ...person, email: "new@example.com" })).status).toBe(200);
    }, 30_000);

    test("40 requests of one locked session do not keep another session waiting (security 53)", async () => {
      const [locked, other] = [await signedUp("locked@example.com"), await signedUp("other@example.com")];
      await sleep(150);
      const release = await world.hold(
        `select * from keyturn_sessions where client = '${locked["client"]}' for update`,
      );
      const waiting = Array.from({ length: 40 }, () => ask("GET /auth/validate_token", undefined, locked));
      await sleep(100);
      const began = performance.now();
      expect((await ask("GET /auth/validate_token", undefined, other)).status).toBe(200);
      expect(performance.now() - began).toBeLessThan(400);
      const statuses = (await Promise.all(waiting)).map(({ status }) => status);
      expect(new Set(statuses)).toEqual(new Set([503]));
      await release();
      expect((await ask("GET /auth/validate_token", undefined, locked)).status).toBe(200);
    }, 60_000);
  });
});

describe.skipIf(process.env["TEST_POSTGRES_URL"] === undefined)("a pg.Pool of the app's own", () => {
  const url = process.env["TEST_POSTGRES_URL"];

  test.each([
    [{ query_timeout: 5000 }, true],
    [{ query_timeout: 5000, statement_timeout: 5000 }, true],
    [{ query_timeout: 5000, statement_timeout: 4000 }, false],
    [{ statement_timeout: 4000 }, false],
    [{}, false],
  ])("%j: refused at start, because it gives up on what goes on: %s", async (limits, refused) => {
    const pool = new pg.Pool({ connectionString: url, ...limits });
    if (refused) expect(() => postgres(pool)).toThrow(/statement_timeout/);
    else expect(() => postgres(pool)).not.toThrow();
    await pool.end();
  });
});

describe.skipIf(process.env["TEST_MYSQL_URL"] === undefined)("a mysql2 pool of the app's own", () => {
  test("a statement that takes too long is ended by the server, and not done later", async () => {
    const own = await ownMysql(process.env["TEST_MYSQL_URL"] ?? "");
    const pool = (await import("mysql2")).default.createPool(own.url);
    const auth = createAuth({
      baseUrl: "http://localhost:3000",
      environment: "test",
      // Its innodb_lock_wait_timeout is the server's, 50 s.
      database: mysql(pool, { statementTimeout: 700 }),
      batchRequestBufferThrottle: "0s",
      logger: silent,
      models: { user: { mountAt: "/auth", confirmable: false } },
    });
    await auth.ready();
    const init = {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(person),
    };
    const signedUp = await auth.handle(new Request("http://localhost:3000/auth", init));
    const names = ["access-token", "client", "uid"];
    const headers = Object.fromEntries(names.map((name) => [name, signedUp.headers.get(name) ?? ""]));
    const blocker = await mysql2.createConnection(own.url);
    await blocker.query("begin");
    await blocker.query("select * from keyturn_sessions for update");
    const ask = () => auth.handle(new Request("http://localhost:3000/auth/validate_token", { headers }));
    expect((await ask()).status).toBe(503);
    await blocker.query("rollback");
    await sleep(300);
    const [rows] = await blocker.query("select generation from keyturn_sessions");
    expect(rows).toEqual([{ generation: 0 }]);
    expect((await ask()).status).toBe(200);
    await auth.close();
    await blocker.end();
    pool.end(() => {});
    await own.drop();
  }, 30_000);
});
