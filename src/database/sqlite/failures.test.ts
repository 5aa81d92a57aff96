import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { type SmallAnswer, type SmallApp, startSmallApp } from "../../../test/fixtures/small-app.js";
import { sqliteDrivers } from "../../../test/fixtures/sqlite-drivers.js";
import type { Database } from "../port.js";
import { createSqlStore } from "../sql-store.js";
import { sqlite, sqliteExecutor } from "./sqlite.js";
import { openSqlite, type SqliteDriver } from "./sqlite-driver.js";

const folder = mkdtempSync(join(tmpdir(), "keyturn-failures-"));
const disk = join(folder, "disk");
const hasDisk = mountSmallDisk();
let files = 0;
let app: SmallApp;

afterEach(() => app.close());
afterAll(() => {
  if (hasDisk) execFileSync("/bin/umount", [disk]);
  rmSync(folder, { recursive: true });
});

describe.each(sqliteDrivers)("SQLite by %s, while another process writes", (driver) => {
  test("longer than may be waited for: what writes is a 503, what reads is served meanwhile (security 47)", async () => {
    const file = join(folder, `${++files}.db`);
    app = await startSmallApp(sqlite(file, { driver, busyTimeout: 1500 }), {
      batchRequestBufferThrottle: "1h",
    });
    const { credentials } = await app.signUp();
    const writer = await holdLock(file, driver);
    const events: string[] = [];
    const signingIn = app.signIn(credentials.uid).then((answer) => {
      events.push("sign-in");
      return answer;
    });
    while (events.length < 5) {
      expect((await app.visit(credentials)).status).toBe(200);
      events.push("visit");
    }
    expectUnavailable(await signingIn);
    expect(events.indexOf("sign-in")).toBe(5);
    await letGo(writer);
    expect((await app.signIn(credentials.uid)).status).toBe(200);
  });

  test("for a moment: nobody notices, whether it rotates or signs in", async () => {
    const file = join(folder, `${++files}.db`);
    app = await startSmallApp(sqlite(file, { driver }), { batchRequestBufferThrottle: 0 });
    const { credentials } = await app.signUp();
    const writer = await holdLock(file, driver);
    const answers = Promise.all([
      app.signIn(credentials.uid),
      ...Array.from({ length: 10 }, () => app.visit(credentials)),
    ]);
    await sleep(400);
    await letGo(writer);
    expect(new Set((await answers).map(({ status }) => status))).toEqual(new Set([200]));
  });

  // Ten servers that start at once on a busy machine: each waits for those before it.
  test.each(["delete", "wal"])(
    "for seconds: a server that starts on a new file (journal mode %s) waits, and then migrates it",
    async (mode) => {
      const file = join(folder, `${++files}.db`);
      await read(file, driver, `pragma journal_mode = ${mode}`);
      const writer = await holdLock(file, driver);
      app = await startSmallApp(sqlite(file, { driver }), { batchRequestBufferThrottle: 0 });
      const letting = sleep(3000).then(() => letGo(writer));
      await app.auth.ready();
      await letting;
      expect((await app.signUp()).status).toBe(200);
    },
  );
});

interface FullDisk {
  readonly name: string;
  readonly skip: boolean;
  /** A database that soon has no room. */
  open(driver: SqliteDriver): {
    readonly database: Database;
    readonly file: string;
    fill(): void;
    free(): void;
  };
}

const fullDisks: readonly FullDisk[] = [
  {
    name: "a disk of 2 MB",
    skip: !hasDisk,
    open(driver) {
      const file = join(disk, `${++files}.db`);
      const filler = join(disk, "filler");
      return {
        file,
        database: sqlite(file, { driver }),
        fill() {
          const { bavail, bsize } = statfsSync(disk);
          writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - 24 * 1024), 1));
        },
        free: () => rmSync(filler),
      };
    },
  },
  {
    name: "a limit of pages",
    skip: false,
    open(driver) {
      const file = join(folder, `${++files}.db`);
      let limit = (_pages: number): void => {};
      const database: Database = {
        async connect({ models, now = Date.now }) {
          const connection = await openSqlite(file, driver);
          connection.exec("pragma journal_mode = wal");
          limit = (pages) => connection.exec(`pragma max_page_count = ${pages}`);
          return createSqlStore(sqliteExecutor(connection, now), models);
        },
      };
      // SQLite takes as many pages as there are for the least.
      return { file, database, fill: () => limit(1), free: () => limit(1_000_000) };
    },
  },
];

describe.each(fullDisks)("SQLite on $name that is full", ({ skip, open }) => {
  test.skipIf(skip).each(sqliteDrivers)(
    "by %s: 503, nothing half-written, and all is well once there is room (security 47)",
    async (driver) => {
      const { database, file, fill, free } = open(driver);
      app = await startSmallApp(database, { batchRequestBufferThrottle: 0, maxNumberOfDevices: 1000 });
      const { credentials } = await app.signUp();
      fill();
      let signedIn = 0;
      let answer = await app.signIn(credentials.uid);
      for (; answer.status === 200 && signedIn < 100; signedIn++) answer = await app.signIn(credentials.uid);
      expectUnavailable(answer);
      expect(await read(file, driver, "pragma integrity_check")).toBe("ok");
      expect(await read(file, driver, "select count(*) from keyturn_sessions")).toBe(signedIn + 1);
      free();
      const next = await app.visit(credentials);
      expect(next.status).toBe(200);
      expect((await app.visit(next.credentials)).status).toBe(200);
      expect((await app.signUp()).status).toBe(200);
    },
  );
});

/** Begins to write in a process of its own, and does not end. */
async function holdLock(file: string, driver: SqliteDriver): Promise<ChildProcess> {
  const opened =
    driver === "node:sqlite" ? `require("node:sqlite").DatabaseSync` : `require("better-sqlite3")`;
  const script = `
    const database = new (${opened})(${JSON.stringify(file)});
    database.exec("begin immediate");
    process.stdin.once("data", () => { database.exec("rollback"); process.exit(); });
    console.log("held");`;
  const child = spawn(process.execPath, ["-e", script], {
    stdio: ["pipe", "pipe", "inherit"],
    cwd: fileURLToPath(new URL("../../", import.meta.url)),
  });
  await once(child.stdout, "data");
  return child;
}

async function letGo(child: ChildProcess): Promise<void> {
  const gone = once(child, "exit");
  child.stdin?.write("\n");
  await gone;
}

async function read(file: string, driver: SqliteDriver, query: string): Promise<unknown> {
  const connection = await openSqlite(file, driver);
  const { rows } = connection.prepare(query).run([], false);
  connection.close();
  return rows[0]?.[0];
}

/** Only the superuser of some machines may. */
function mountSmallDisk(): boolean {
  mkdirSync(disk);
  try {
    execFileSync("/bin/mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", disk], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

function expectUnavailable({ status, retryAfter }: SmallAnswer): void {
  expect([status, retryAfter]).toEqual([503, expect.stringMatching(/^[2-5]$/)]);
}
