import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { callersOf } from "../../../test/fixtures/callers.js";
import { password, silent } from "../../../test/fixtures/http.js";
import { type OwnDatabase, ownPostgresDatabase } from "../../../test/fixtures/own-database.js";
import { testAuth } from "../../testing/testing.js";
import { storeContract } from "../contract/contract.js";
import { admin, type ContractWorld, openContractWorld } from "../contract/world.js";
import { postgres } from "./database.js";

const server = process.env["TEST_POSTGRES_URL"];
const binary = process.env["TEST_PGBOUNCER"] ?? findBinary();
const version = binary === undefined ? [0, 0] : versionOf(binary);
/** From 1.21 on it keeps prepared statements in transaction mode. */
const keepsStatements = (version[0] ?? 0) > 1 || (version[1] ?? 0) >= 21;
const settings = keepsStatements ? [false, true] : [false];

if (binary === undefined) console.log("skipped: pgbouncer (TEST_PGBOUNCER not set, none on the path)");

describe.skipIf(server === undefined || binary === undefined)(
  `PostgreSQL behind pgbouncer ${version.join(".")} in transaction mode`,
  () => {
    let ours: OwnDatabase;
    let bouncer: Awaited<ReturnType<typeof startBouncer>>;
    beforeAll(async () => {
      ours = await ownPostgresDatabase(server ?? "", "");
      bouncer = await startBouncer(binary ?? "", new URL(ours.url));
    });
    afterAll(async () => {
      await bouncer?.stop();
      await ours?.drop();
    });

    test("has fewer connections to the database than its clients have to it", async () => {
      const clients = await Promise.all([1, 2, 3, 4, 5].map(() => connect(bouncer.url)));
      const backends = new Set<unknown>();
      for (const client of clients) {
        const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
        backends.add(rows[0]?.pid);
      }
      expect(backends.size).toBeLessThan(clients.length);
      await Promise.all(clients.map((client) => client.end()));
    });

    describe.each(settings)("preparedStatements: %s", (preparedStatements) => {
      let world: ContractWorld;
      beforeAll(async () => {
        world = await openContractWorld(postgres(bouncer.url, { preparedStatements }), 3);
      });
      afterAll(() => world?.close());
      test.each(storeContract)("$name", ({ run }) => run(world));

      test("two servers limit a flood, know the owner's device, and write the audit log", async () => {
        const models = { guest: { mountAt: "/auth", confirmable: false } } as const;
        const start = () =>
          testAuth({
            database: postgres(bouncer.url, { preparedStatements }),
            models,
            rateLimits: true,
            rateLimitRules: { signInFailuresByAccount: { limit: 20, per: "1h" } },
            rateLimitStore: "database",
            // Three connections for all: on a slow machine a count waits its turn, and nobody may count in memory meanwhile.
            rateLimitStoreTimeout: "30s",
            auditLog: true,
            logger: silent,
          });
        const servers = [await start(), await start()];
        const email = `flooded-${preparedStatements}@example.com`;
        const send = async (i: number, path: string, given: string, mark = {}) => {
          const { auth } = servers[i % 2] ?? {};
          if (!auth) throw new Error("There are two servers");
          return callersOf(auth)(`192.0.2.${i}`, `POST ${path}`, { email, password: given }, mark);
        };
        const mark = { "device-mark": (await send(0, "/auth", password)).headers.get("device-mark") ?? "" };
        const guesses = Array.from({ length: 60 }, (_, i) => send(i, "/auth/sign_in", "wrong violet hour"));
        const statuses = (await Promise.all(guesses)).map(({ status }) => status);
        expect(statuses.toSorted()).toEqual([...Array(20).fill(401), ...Array(40).fill(429)]);
        expect((await send(1, "/auth/sign_in", password)).status).toBe(429);
        expect((await send(1, "/auth/sign_in", password, mark)).status).toBe(200);
        const { auth } = servers[0] ?? {};
        const account = await auth?.accounts.findByEmail("guest", email);
        expect(await auth?.accounts.listKnownDevices("guest", account ?? 0)).toMatchObject([
          { wasShown: true },
        ]);
        await vi.waitFor(
          async () => {
            const { entries = [] } =
              (await auth?.auditLog.list({ model: "guest", accountId: account?.id })) ?? {};
            const names = new Set(entries.map(({ name }) => name));
            expect([...names]).toEqual(expect.arrayContaining(["sign_in.failed", "sign_in.succeeded"]));
          },
          { timeout: 5000 },
        );
        for (const server of servers) await server.auth.close();
      });
    });

    test.skipIf(keepsStatements)(
      "an old one needs preparedStatements: false, or statements fail",
      async () => {
        const stores = await Promise.all(
          [1, 2, 3].map(() => postgres(bouncer.url).connect({ models: [admin] })),
        );
        const reads = Array.from({ length: 60 }, (_, i) => stores[i % 3]?.sessions.find(admin, "nobody"));
        const outcomes = await Promise.allSettled(reads);
        expect(outcomes.some(({ status }) => status === "rejected")).toBe(true);
        for (const store of stores) await store.close();
      },
    );
  },
);

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client(url);
  await client.connect();
  return client;
}

/** It refuses to run as the superuser, so then it runs as the user that PostgreSQL's packages make. */
async function startBouncer(
  path: string,
  { hostname, port, username, password, pathname }: URL,
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), "keyturn-bouncer-"));
  const listenPort = await freePort();
  const file = join(folder, "pgbouncer.ini");
  const database = pathname.slice(1);
  const account = password === "" ? "" : ` password=${decodeURIComponent(password)}`;
  const lines = [
    "[databases]",
    `${database} = host=${hostname} port=${port || 5432} dbname=${database} user=${username}${account}`,
    "[pgbouncer]",
    "listen_addr = 127.0.0.1",
    `listen_port = ${listenPort}`,
    "unix_socket_dir =",
    "auth_type = any",
    "pool_mode = transaction",
    "default_pool_size = 3",
    "max_client_conn = 100",
    ...(keepsStatements ? ["max_prepared_statements = 200"] : []),
  ];
  writeFileSync(file, `${lines.join("\n")}\n`);
  chmodSync(folder, 0o755);
  const isRoot = process.getuid?.() === 0;
  const child = spawn(path, [...(isRoot ? ["-u", "nobody"] : []), "-q", file], { stdio: "inherit" });
  const url = `postgres://${username}@127.0.0.1:${listenPort}/${database}`;
  await untilUp(url, child);
  return {
    url,
    async stop() {
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
      rmSync(folder, { recursive: true });
    },
  };
}

async function untilUp(url: string, child: ChildProcess): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await (await connect(url)).end();
      return;
    } catch (error) {
      if (child.exitCode !== null || attempt === 100) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === "object" && address ? address.port : 0;
}

function findBinary(): string | undefined {
  try {
    return execFileSync("which", ["pgbouncer"], { encoding: "utf8" }).trim();
  } catch {
    // Debian puts it where only the superuser's path leads.
    try {
      execFileSync("/usr/sbin/pgbouncer", ["--version"]);
      return "/usr/sbin/pgbouncer";
    } catch {
      return undefined;
    }
  }
}

function versionOf(path: string): number[] {
  const said = execFileSync(path, ["--version"], { encoding: "utf8" });
  return /(\d+)\.(\d+)/.exec(said)?.slice(1).map(Number) ?? [];
}
