import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { postgres } from "../src/database/postgres/database.js";
import { generationOf } from "./fixtures/sessions.js";
import { type SmallApp, startSmallApp } from "./fixtures/small-app.js";

const programs = process.env["TEST_POSTGRES_PROGRAMS"] ?? findPrograms();
if (programs === undefined)
  console.log("skipped: PostgreSQL's own programs (TEST_POSTGRES_PROGRAMS not set)");

describe.skipIf(programs === undefined)("a PostgreSQL that is killed", () => {
  const folder = mkdtempSync(join(tmpdir(), "keyturn-crash-"));
  const data = join(folder, "data");
  let port = 0;
  let database: ChildProcess;
  let app: SmallApp;

  const start = async (): Promise<void> => {
    const options = ["-D", data, "-p", String(port), "-k", "", "-c", "listen_addresses=127.0.0.1"];
    for (;;) {
      database = spawn(join(programs ?? "", "postgres"), options, { ...asUser(), stdio: "ignore" });
      if (await isUp(port, database)) return;
      // What is left of the killed one still holds the data.
      await sleep(100);
    }
  };
  const kill = async (): Promise<void> => {
    const gone = once(database, "exit");
    database.kill("SIGKILL");
    await gone;
  };
  beforeAll(async () => {
    const user = asUser();
    if (user.uid !== undefined) execFileSync("chown", [String(user.uid), folder]);
    const options = ["-D", data, "-A", "trust", "-U", "postgres", "--no-sync"];
    execFileSync(join(programs ?? "", "initdb"), options, { ...user, stdio: "ignore" });
    port = await freePort();
    await start();
    app = await startSmallApp(postgres(`postgres://postgres@127.0.0.1:${port}/postgres`), {
      batchRequestBufferThrottle: 0,
    });
  });
  afterAll(async () => {
    await app?.close();
    if (database) await kill();
    await sleep(200);
    rmSync(folder, { recursive: true, force: true });
  });

  test("at any moment loses no session and leaves nothing half-written; until it is back there are 503s (security 47; property 8)", async () => {
    let { credentials } = await app.signUp();
    const statuses = new Set<number>();
    const generations: number[] = [];
    const visit = async (): Promise<number> => {
      const answer = await app.visit(credentials);
      statuses.add(answer.status);
      credentials = answer.credentials;
      if (answer.status === 200) generations.push(generationOf(credentials["access-token"]));
      return answer.status;
    };
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 5; i++) expect(await visit()).toBe(200);
      const killed = sleep(round * 3).then(kill);
      while ((await visit()) === 200);
      await killed;
      await start();
      while ((await visit()) === 503) await sleep(50);
    }
    // Each answer is a generation of its own: one whose answer was lost is handed out again, none comes twice.
    expect(generations).toEqual(generations.map((_, i) => i + 1));
    expect(statuses).toEqual(new Set([200, 503]));
  });
});

/** It refuses to run as the superuser. */
function asUser(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string): number => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}

async function isUp(port: number, database: ChildProcess): Promise<boolean> {
  while (database.exitCode === null) {
    const client = new pg.Client(`postgres://postgres@127.0.0.1:${port}/postgres`);
    client.on("error", () => undefined);
    try {
      await client.connect();
      await client.end();
      return true;
    } catch {
      await sleep(50);
    }
  }
  return false;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === "object" && address ? address.port : 0;
}

/** Where Debian has them. */
function findPrograms(): string | undefined {
  const home = "/usr/lib/postgresql";
  const versions = existsSync(home) ? readdirSync(home) : [];
  return versions.map((one) => join(home, one, "bin")).find((path) => existsSync(join(path, "initdb")));
}
