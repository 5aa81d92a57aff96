import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { root } from "../../scripts/entries.mjs";

/** An app that has installed keyturn and only some of the packages that it can make use of. */

const manifest: { dependencies: Record<string, string> } = JSON.parse(
  readFileSync(`${root}package.json`, "utf8"),
);
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

function appWith(packages: readonly string[], files: Readonly<Record<string, string>> = {}): string {
  const app = mkdtempSync(join(tmpdir(), "keyturn-app-"));
  folders.push(app);
  const keyturn = join(app, "node_modules/keyturn");
  cpSync(`${root}dist`, join(keyturn, "dist"), { recursive: true });
  cpSync(`${root}package.json`, join(keyturn, "package.json"));
  for (const name of [...Object.keys(manifest.dependencies), ...packages]) {
    const place = join(app, "node_modules", name);
    mkdirSync(dirname(place), { recursive: true });
    symlinkSync(`${root}node_modules/${name}`, place);
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(app, name), text);
  return app;
}

function keyturn(app: string, ...args: readonly string[]) {
  const main = "node_modules/keyturn/dist/cli/main.js";
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    cwd: app,
    // Some versions of Node warn that their SQLite is experimental.
    env: { PATH: process.env["PATH"], NODE_NO_WARNINGS: "1" },
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

const server = ["hono", "@hono/node-server", "pino"];

test.each([
  [
    ["serve"],
    [],
    "keyturn serve needs commander, hono, @hono/node-server and pino. Install them with: npm install commander@14 hono@4 @hono/node-server@2 pino@10",
  ],
  [
    ["serve"],
    ["commander", "hono", "pino"],
    "keyturn serve needs @hono/node-server. Install it with: npm install @hono/node-server@2",
  ],
  [["migrate"], server, "keyturn migrate needs commander. Install it with: npm install commander@14"],
  [["views"], [], "keyturn views needs commander. Install it with: npm install commander@14"],
  [["--help"], [], "The keyturn command needs commander. Install it with: npm install commander@14"],
])("keyturn %s with %j names what is missing, and how to install it", (args, packages, sentence) => {
  const outcome = keyturn(appWith(packages), ...args);
  expect(outcome).toEqual({ status: 1, stdout: "", stderr: `${sentence}\n` });
});

test("init needs no package, because it begins where nothing is installed", () => {
  expect(keyturn(appWith([]), "init", "--help")).toMatchObject({ status: 0, stderr: "" });
});

test("migrate and views need nothing but commander", () => {
  const config = { database: "app.db", models: { user: { mountAt: "/auth" } } };
  const app = appWith(["commander", "better-sqlite3"], { "keyturn.config.json": JSON.stringify(config) });
  expect(keyturn(app, "migrate", "--config", "keyturn.config.json")).toMatchObject({ status: 0, stderr: "" });
  expect(keyturn(app, "views", "mails")).toMatchObject({ status: 0, stderr: "" });
});

test.each([
  [
    "postgres://user:secret@127.0.0.1:1/app",
    "PostgreSQL needs the package pg. Install it with: npm install pg",
  ],
  [
    "mysql://user:secret@127.0.0.1:1/app",
    "MySQL needs the package mysql2. Install it with: npm install mysql2",
  ],
])("a database at %s asks for its package", (database, sentence) => {
  const config = { database, models: { user: { mountAt: "/auth" } } };
  const app = appWith(["commander"], { "keyturn.config.json": JSON.stringify(config) });
  const outcome = keyturn(app, "migrate", "--config", "keyturn.config.json");
  expect(outcome).toEqual({ status: 1, stdout: "", stderr: `${sentence}\n` });
});

test("an app can import keyturn/postgres and keyturn/mysql without their packages", () => {
  const app = appWith([], {
    "app.mjs": 'import "keyturn/postgres"; import "keyturn/mysql"; console.log("loaded");',
  });
  expect(spawnSync(process.execPath, ["app.mjs"], { cwd: app, encoding: "utf8" }).stdout).toBe("loaded\n");
});

test("a configuration in TypeScript asks for jiti", () => {
  const app = appWith(["commander"], { "auth.ts": "export const config = {};" });
  const outcome = keyturn(app, "migrate", "--config", "auth.ts");
  expect(outcome.stderr).toMatch(
    /^The TypeScript file .*auth\.ts needs jiti\. Install it with: npm install jiti@2\n$/,
  );
  expect(outcome.status).toBe(1);
});

test("a package that is installed but broken shows its own error", () => {
  const app = appWith([]);
  const broken = join(app, "node_modules/commander");
  mkdirSync(broken);
  writeFileSync(join(broken, "index.js"), 'throw new Error("half written");');
  expect(keyturn(app, "migrate").stderr).toContain("half written");
});
