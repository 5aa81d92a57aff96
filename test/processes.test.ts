import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { build } from "tsdown";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { root } from "../scripts/entries.mjs";
import type { Account } from "../src/accounts/models.js";
import type { Store } from "../src/database/port.js";
import type { Credentials } from "../src/engine/authentication.js";
import { randomId } from "../src/engine/random.js";
import { createSessions, type SessionSettings } from "../src/engine/sessions.js";
import { createTokenIssuer } from "../src/engine/token.js";
import { presentEngines, type TestDatabase } from "./fixtures/databases.js";
import type { Ready, Report, Task } from "./fixtures/server-process.js";
import { defaults, generationOf, models, user } from "./fixtures/sessions.js";
import { openTables, type TableFixture } from "./fixtures/tables.js";

// Bundled once: Node runs the result ten times faster than it would compile the sources in each process.
const outDir = `${root}node_modules/.cache/keyturn-server-process`;
const script = join(outDir, "server-process.mjs");
const running = new Set<ChildProcess>();

beforeAll(() =>
  build({
    config: false,
    entry: [fileURLToPath(new URL("./fixtures/server-process.ts", import.meta.url))],
    outDir,
    format: "esm",
    platform: "node",
    dts: false,
    logLevel: "silent",
    tsconfig: fileURLToPath(new URL("../tsconfig.build.json", import.meta.url)),
  }),
);
afterAll(async () => {
  for (const child of running) await kill(child);
});

interface Server {
  readonly child: ChildProcess;
  readonly key: string;
  /** Rejects when the process dies before it answers. */
  ask(task: DistributiveOmit<Task, "id">): Promise<Report>;
}
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

async function startServer(url: string, settings: SessionSettings): Promise<Server> {
  return openDatabase(await load(url, settings));
}

/** Starts processes that all open the database at the same moment, which is when each of them is loaded. */
async function startServers(count: number, url: string, settings: SessionSettings): Promise<Server[]> {
  const loading = Array.from({ length: count }, () => load(url, settings));
  return Promise.all((await Promise.all(loading)).map(openDatabase));
}

async function load(url: string, settings: SessionSettings): Promise<ChildProcess> {
  const child = fork(script, [url, JSON.stringify(settings)]);
  running.add(child);
  await nextMessage(child);
  return child;
}

async function openDatabase(child: ChildProcess): Promise<Server> {
  const waiting = new Map<number, { resolve(report: Report): void; reject(error: Error): void }>();
  const died = new Error("The process died");
  let asked = 0;
  child.send("start");
  const { key } = (await nextMessage(child)) as Ready;
  child.on("message", (report: Report) => waiting.get(report.id)?.resolve(report));
  child.once("exit", () => {
    for (const { reject } of waiting.values()) reject(died);
  });
  return {
    child,
    key,
    ask: (task) =>
      new Promise((resolve, reject) => {
        const id = ++asked;
        waiting.set(id, { resolve, reject });
        child.send({ ...task, id }, (error) => error && reject(error));
      }),
  };
}

function nextMessage(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    child.once("message", resolve);
    child.once("exit", (code) => reject(new Error(`The process ended with ${code} before it was ready`)));
  });
}

async function kill(child: ChildProcess): Promise<void> {
  running.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

/** Every request rotates, so every moment is one in which something is being written. */
const always: SessionSettings = { ...defaults, batchRequestBufferThrottle: 0, lostResponses: "recover" };

interface SignedIn {
  readonly store: Store;
  readonly account: Account;
  readonly credentials: Credentials;
}

/** An account and a session whose first rotation is due, written by this process. */
async function signedIn({ database }: TestDatabase): Promise<SignedIn> {
  let now = Date.now() - 60_000;
  const store = await database.connect({ models, now: () => now });
  const email = `${randomId().toLowerCase()}@example.com`;
  const given = { provider: "email", uid: email, email, passwordHash: "hash", confirmed: true, fields: {} };
  const record = await store.accounts.create(user, given);
  if (record === "taken") throw new Error("There is an account already");
  const mint = createTokenIssuer([Buffer.from(await store.serverKey(), "base64url")], "user");
  const sessions = createSessions({
    store,
    issuerOf: () => mint,
    settings: defaults,
    emit: () => {},
    now: () => now,
  });
  const device = { userAgent: null, address: null, label: null };
  const turn = await sessions.create(user, record.account, device);
  now = Date.now();
  const credentials = { accessToken: turn.token ?? "", client: turn.session.client, uid: email };
  return { store, account: record.account, credentials };
}

describe.each(presentEngines)("$name", ({ name, create }) => {
  describe("ten processes that start on an empty database at the same moment", () => {
    let tables: TableFixture;
    let all: readonly Server[] = [];
    beforeAll(async () => {
      tables = await openTables(await create());
      all = await startServers(10, tables.url, defaults);
    });
    afterAll(async () => {
      for (const { child } of all) await kill(child);
      await tables.drop();
    });

    test("all come up, with one server key, and the tables are made once (security 7)", async () => {
      const store = await tables.database.connect({ models });
      onTestFinished(() => store.close());
      await store.migrate("check");
      expect(all.map(({ key }) => key)).toEqual(new Array(10).fill(await store.serverKey()));
      const made = await tables.rows("select name from keyturn_migrations order by name");
      expect(made).toEqual([
        { name: "001-first-tables" },
        { name: "002-oauth" },
        { name: "003-counters" },
        { name: "004-audit-log" },
        { name: "005-known-devices" },
      ]);
    });

    test.each([2, 20, 100])(
      "%i requests with one token over four of them: all succeed, all answers agree, one write (security 7)",
      async (n) => {
        const pool = all.slice(0, 4);
        const { store, credentials } = await signedIn(tables);
        onTestFinished(() => store.close());
        let newest = credentials;
        const asked = async (shown: Credentials): Promise<(string | null)[]> => {
          const share = new Array<Credentials>(Math.ceil(n / pool.length)).fill(shown);
          const reports = await Promise.all(pool.map(({ ask }) => ask({ admit: share })));
          expect(reports.map(({ failure }) => failure)).toEqual(pool.map(() => undefined));
          return reports.flatMap(({ tokens }) => tokens ?? []);
        };
        const tokens = new Set(await asked(newest));
        expect([...tokens].map((token) => generationOf(token ?? ""))).toEqual([1]);
        newest = { ...newest, accessToken: [...tokens][0] ?? "" };
        expect(new Set(await asked(newest))).toEqual(tokens);
        expect(new Set(await asked(credentials))).toEqual(tokens);
        expect((await store.sessions.find(user, credentials.client))?.session.generation).toBe(1);
      },
    );
  });

  const opened = async (): Promise<TableFixture> => {
    const tables = await openTables(await create());
    onTestFinished(() => tables.drop());
    return tables;
  };

  test("a process that is killed at any moment loses no session and leaves nothing half-written (security 8, 47; property 8)", async () => {
    const tables = await opened();
    let server = await startServer(tables.url, always);
    const { store, credentials } = await signedIn(tables);
    onTestFinished(() => store.close());
    let newest = credentials;
    const generations: number[] = [];
    const request = async (): Promise<void> => {
      const { tokens, failure } = await server.ask({ admit: [newest] });
      expect(failure).toBeUndefined();
      const token = tokens?.[0];
      expect(typeof token).toBe("string");
      newest = { ...newest, accessToken: token ?? "" };
      generations.push(generationOf(newest.accessToken));
    };
    const outcomes: string[] = [];
    for (let round = 0; round < 8; round++) {
      const start = performance.now();
      for (let i = 0; i < 20; i++) await request();
      const usual = (performance.now() - start) / 20;
      const unanswered = server.ask({ admit: [newest] }).then(
        () => outcomes.push("answered"),
        () => outcomes.push("lost"),
      );
      // From "before it was read" to "after it was answered". Timers are too coarse.
      const moment = performance.now() + (usual * round) / 5;
      while (performance.now() < moment) await nextTurn();
      await kill(server.child);
      await unanswered;
      // Here alone it is the killed process that writes the file.
      if (name === "sqlite")
        expect(await tables.rows("pragma integrity_check")).toEqual([{ integrity_check: "ok" }]);
      server = await startServer(tables.url, always);
      await request();
    }
    expect(outcomes).toContain("lost");
    // A lost answer costs at most its own generation.
    expect(generations.every((n, i) => i === 0 || n - (generations[i - 1] ?? 0) <= 1)).toBe(true);
    const found = await store.sessions.find(user, credentials.client);
    expect(found?.session.generation).toBe(generations.at(-1));
  }, 60_000);

  test("a session that was ended stays ended when the process that did it is killed, also against rotations elsewhere (security 12; property 8)", async () => {
    const tables = await opened();
    const one = await startServer(tables.url, always);
    const two = await startServer(tables.url, always);
    const { store, account, credentials } = await signedIn(tables);
    onTestFinished(() => store.close());
    const rotating = two.ask({ admit: new Array<Credentials>(50).fill(credentials) });
    const { ended } = await one.ask({ end: { accountId: String(account.id), client: credentials.client } });
    await kill(one.child);
    const { tokens } = await rotating;
    expect(ended).toBe(true);
    const shown = [credentials.accessToken, ...(tokens ?? [])].filter((token) => token !== null);
    const after = await two.ask({ admit: shown.map((accessToken) => ({ ...credentials, accessToken })) });
    expect(new Set(after.tokens)).toEqual(new Set([null]));
    expect(await store.sessions.find(user, credentials.client)).toBeUndefined();
  });
});
