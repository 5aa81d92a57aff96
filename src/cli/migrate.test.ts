import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { presentEngines } from "../../test/fixtures/databases.js";
import { openTables, type TableFixture } from "../../test/fixtures/tables.js";

const folder = mkdtempSync(join(tmpdir(), "keyturn-migrate-"));
const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
afterAll(() => rmSync(folder, { recursive: true }));

interface Outcome {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

async function migrate(DATABASE_URL: string, ...args: readonly string[]): Promise<Outcome> {
  // Some versions of Node warn that their SQLite is experimental.
  const env = { PATH: process.env["PATH"], NODE_NO_WARNINGS: "1", DATABASE_URL };
  const child = spawn(process.execPath, [main, "migrate", "--config", config, ...args], { env, cwd: folder });
  const text = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => (text.stdout += chunk));
  child.stderr.on("data", (chunk) => (text.stderr += chunk));
  const [code] = await once(child, "close");
  return { code, ...text };
}

const config = join(folder, "keyturn.config.json");
const columns = { email: "mail", passwordHash: "encrypted_password" };
writeFileSync(config, JSON.stringify({ models: { user: { mountAt: "/auth", table: "people", columns } } }));

describe.each(presentEngines)("$name", ({ name, create }) => {
  const opened = async (): Promise<TableFixture> => {
    const tables = await openTables(await create());
    onTestFinished(() => tables.drop());
    return tables;
  };
  const id = {
    sqlite: "integer primary key",
    postgres: "serial primary key",
    mysql: "int auto_increment primary key",
  }[name];

  test("--status tells table by table what is missing, and --sql how to add it", async () => {
    const tables = await opened();
    await tables.run(`create table people (id ${id}, mail varchar(200), encrypted_password varchar(100))`);
    const status = await migrate(tables.url, "--status");
    expect(status.code).toBe(1);
    expect(status.stdout).toMatch(/^keyturn_sessions +lacks the table/m);
    expect(status.stdout).toMatch(
      /^people +lacks the column provider, the column uid, .*a unique index on mail$/m,
    );
    expect((await migrate(tables.url, "--check")).code).toBe(1);
    const printed = await migrate(tables.url, "--sql");
    expect(printed.code).toBe(0);
    expect(printed.stdout).not.toContain("encrypted_password");
    await tables.run(...statementsOf(printed.stdout));
    const after = await migrate(tables.url, "--status");
    expect(after).toMatchObject({ code: 0, stdout: expect.stringMatching(/^people +up to date$/m) });
    expect(await migrate(tables.url, "--sql")).toMatchObject({ code: 0, stdout: "" });
  }, 60_000);

  test("apply says what it added, and a second one adds nothing", async () => {
    const tables = await opened();
    await tables.run(`create table people (id ${id}, mail varchar(200), encrypted_password varchar(100))`);
    const first = await migrate(tables.url);
    expect(first).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("people: added the column provider"),
    });
    expect(await migrate(tables.url)).toEqual({
      code: 0,
      stdout: "The database is up to date.\n",
      stderr: "",
    });
  }, 60_000);

  test("--check says of every column what it is, what is needed, and what to change", async () => {
    const tables = await opened();
    await tables.run(
      `create table people (id ${id}, mail varchar(200) not null, encrypted_password varchar(100), confirmed_at varchar(3), uid date)`,
      "insert into people (mail, confirmed_at) values ('Ann@example.com', 'no')",
    );
    const before = await migrate(tables.url, "--check");
    expect(before.code).toBe(1);
    expect(before.stdout).toMatch(/^ +column +mapped as +is +needs to be +finding$/m);
    expect(before.stdout).toMatch(
      /^ +mail +columns\.email +varchar\(200\)|character varying\(200\), not null +text of up to/m,
    );
    expect(before.stdout).toMatch(
      /^ +confirmed_at +columns\.confirmedAt .* read as confirmed or not: "yes" or "no"$/m,
    );
    expect(before.stdout).toMatch(
      /^ +uid +columns\.uid +date .* change to .*, or name another column in columns\.uid/m,
    );
    expect(before.stdout).toMatch(/^Warning: The table "people": 1 value of the column "mail" has capitals/m);
    expect(before.stdout).toMatch(
      /^1 column has to change before Keyturn can use the table\. Nothing was changed\.$/m,
    );
    expect(before.stdout + before.stderr).not.toMatch(/ann@|^ {4}at /im);
    // Every server says the same before it serves.
    expect(await migrate(tables.url)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/"uid" is date: change to/),
    });
    await tables.run(
      "alter table people rename column uid to known_since",
      "update people set mail = 'ann@example.com'",
    );
    expect((await migrate(tables.url)).code).toBe(0);
    const after = await migrate(tables.url, "--check");
    expect(after).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^The database is up to date\.$/m),
    });
    expect(after.stdout).not.toMatch(/Warning|change to/);
  }, 60_000);

  test("what cannot be is said in a sentence, without a stack and without addresses", async () => {
    const tables = await opened();
    await tables.run(
      `create table people (id ${id}, mail varchar(200))`,
      "insert into people (mail) values ('ann@example.com'), ('ann@example.com')",
    );
    const { code, stderr } = await migrate(tables.url);
    expect(code).toBe(1);
    expect(stderr).toMatch(/"people".*"mail".*Nothing was changed/);
    expect(stderr).not.toMatch(/ann@|^ {4}at /m);
  });
});

// On the other engines ten connections do the same (store/migrations.test.ts); only here does the lock hold processes apart.
test("ten processes that migrate an empty SQLite file at the same moment all succeed", async () => {
  const file = join(folder, "many.db");
  const outcomes = await Promise.all(Array.from({ length: 10 }, () => migrate(file)));
  expect(outcomes.filter(({ code }) => code !== 0)).toEqual([]);
  expect((await migrate(file, "--status")).code).toBe(0);
}, 120_000);

test("--sql and --status need no SQLite file and make none, nor do they write into one", async () => {
  const file = join(folder, "nowhere", "app.db");
  const printed = await migrate(file, "--sql");
  expect(printed.code).toBe(0);
  expect(printed.stdout).toMatch(/create table "people"/);
  expect((await migrate(file, "--status")).code).toBe(1);
  expect(existsSync(join(folder, "nowhere"))).toBe(false);
  const empty = join(folder, "empty.db");
  writeFileSync(empty, "");
  await migrate(empty, "--sql");
  expect(readFileSync(empty)).toHaveLength(0);
  expect(readdirSync(folder).filter((name) => name.startsWith("empty.db"))).toEqual(["empty.db"]);
});

function statementsOf(text: string): readonly string[] {
  return text.split(/;\n/).flatMap((part) => {
    const statement = part.replace(/^--.*\n/gm, "").trim();
    return statement === "" ? [] : [statement];
  });
}
