import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "tsdown";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Account } from "../core/models.js";
import { type Credentials, createSessions, type SessionSettings } from "../core/sessions.js";
import type { Store } from "../core/store.js";
import { createTokenMint } from "../core/token.js";
import { defaults, generationOf, models, user } from "../testing/engine-fixture.js";
import type { Ready, Report, Task } from "../testing/server-process.js";
import { sqlite } from "./sqlite.js";
import { openSqlite } from "./sqlite-driver.js";

const folder = mkdtempSync(join(tmpdir(), "keyturn-processes-"));
// Bundled once: Node runs the result ten times faster than it would compile the sources in each process.
const outDir = fileURLToPath(new URL("../../node_modules/.cache/keyturn-server-process", import.meta.url));
const script = join(outDir, "server-process.mjs");
const running = new Set<ChildProcess>();
let files = 0;

beforeAll(() =>
  build({
    config: false,
    entry: [fileURLToPath(new URL("../testing/server-process.ts", import.meta.url))],
    outDir,
    format: "esm",
    platform: "node",
    dts: false,
    logLevel: "silent",
    tsconfig: fileURLToPath(new URL("../../tsconfig.build.json", import.meta.url)),
  }),
);
afterEach(async () => {
  for (const child of running) await kill(child);
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Server {
  readonly child: ChildProcess;
  readonly key: string;
  /** Rejects when the process dies before it answers. */
  ask(task: DistributiveOmit<Task, "id">): Promise<Report>;
}
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

async function startServer(file: string, settings: SessionSettings): Promise<Server> {
  const child = fork(script, [file, JSON.stringify(settings)]);
  running.add(child);
  const waiting = new Map<number, { resolve(report: Report): void; reject(error: Error): void }>();
  const died = new Error("The process died");
  let asked = 0;
  const ready = await new Promise<Ready>((resolve, reject) => {
    child.once("message", (message) => resolve(message as Ready));
    child.once("exit", () => reject(died));
  });
  child.on("message", (report: Report) => waiting.get(report.id)?.resolve(report));
  child.once("exit", () => {
    for (const { reject } of waiting.values()) reject(died);
  });
  return {
    child,
    key: ready.key,
    ask: (task) =>
      new Promise((resolve, reject) => {
        const id = ++asked;
        waiting.set(id, { resolve, reject });
        child.send({ ...task, id }, (error) => error && reject(error));
      }),
  };
}

async function kill(child: ChildProcess): Promise<void> {
  running.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

const newFile = (): string => join(folder, `${++files}.db`);
const servers = (count: number, file: string, settings = defaults): Promise<Server[]> =>
  Promise.all(Array.from({ length: count }, () => startServer(file, settings)));

/** An account and a session whose first rotation is due, written by this process. */
async function signedIn(file: string): Promise<{ store: Store; account: Account; credentials: Credentials }> {
  let now = Date.now() - 60_000;
  const store = await sqlite(file).connect({ models, now: () => now });
  const email = "person@example.com";
  const given = { provider: "email", uid: email, email, passwordHash: "hash", confirmed: true, fields: {} };
  const record = await store.accounts.create(user, given);
  if (record === "taken") throw new Error("There is an account already");
  const mint = createTokenMint([Buffer.from(await store.serverKey(), "base64url")], "user");
  const sessions = createSessions({
    store,
    mintOf: () => mint,
    settings: defaults,
    emit: () => {},
    now: () => now,
  });
  const device = { userAgent: null, address: null, label: null };
  const turn = await sessions.open(user, record.account, device);
  now = Date.now();
  const credentials = { accessToken: turn.token ?? "", client: turn.session.client, uid: email };
  return { store, account: record.account, credentials };
}

test("four processes that start on an empty file at once all come up, with one server key (security 7)", async () => {
  const started = await servers(4, newFile());
  expect(new Set(started.map(({ key }) => key)).size).toBe(1);
});

test.each([2, 20, 100])(
  "%i requests with one token over four processes: all succeed, all answers agree, one write (security 7)",
  async (n) => {
    const file = newFile();
    const pool = await servers(4, file);
    const { store, credentials } = await signedIn(file);
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
    await store.close();
  },
);

test("a process that is killed at any moment loses no session and leaves nothing half-written (security 8, 47; property 8)", async () => {
  const file = newFile();
  // Every request rotates, so every moment is one in which something is being written.
  const settings: SessionSettings = { ...defaults, batchRequestBufferThrottle: 0, lostResponses: "recover" };
  let server = await startServer(file, settings);
  const { store, credentials } = await signedIn(file);
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
  for (let round = 0; round < 8; round++) {
    for (let i = 0; i < 20; i++) await request();
    const unanswered = server.ask({ admit: [newest] }).then(
      () => "answered",
      () => "lost",
    );
    // From "before it was read" to "after it was answered".
    await new Promise((resolve) => setTimeout(resolve, round * 0.25));
    await kill(server.child);
    await unanswered;
    const checked = await openSqlite(file);
    expect(checked.prepare("pragma integrity_check").run([]).rows).toEqual([["ok"]]);
    checked.close();
    server = await startServer(file, settings);
    await request();
  }
  // A lost answer costs at most its own generation.
  expect(generations.every((n, i) => i === 0 || n - (generations[i - 1] ?? 0) <= 1)).toBe(true);
  const found = await store.sessions.find(user, credentials.client);
  expect(found?.session.generation).toBe(generations.at(-1));
  await store.close();
});

test("a session that was ended stays ended when the process that did it is killed, also against rotations elsewhere (security 12; property 8)", async () => {
  const file = newFile();
  const settings: SessionSettings = { ...defaults, batchRequestBufferThrottle: 0, lostResponses: "recover" };
  const [one, two] = (await servers(2, file, settings)) as [Server, Server];
  const { store, account, credentials } = await signedIn(file);
  const rotating = two.ask({ admit: new Array<Credentials>(50).fill(credentials) });
  const { ended } = await one.ask({ end: { accountId: String(account.id), client: credentials.client } });
  await kill(one.child);
  const { tokens } = await rotating;
  expect(ended).toBe(true);
  const shown = [credentials.accessToken, ...(tokens ?? [])].filter((token) => token !== null);
  const after = await two.ask({ admit: shown.map((accessToken) => ({ ...credentials, accessToken })) });
  expect(new Set(after.tokens)).toEqual(new Set([null]));
  expect(await store.sessions.find(user, credentials.client)).toBeUndefined();
  await store.close();
});
