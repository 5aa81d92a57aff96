import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { filesIn, folderWith, hearConsole } from "../../../test/fixtures/init-app.js";
import { runInit } from "./init.js";
import { writeChanges } from "./write.js";

/** What is somebody else's and stays, what is secret and is not shown, and what a run prints to go on with. */

const said = hearConsole();

const run = (folder: string, args: readonly string[] = [], environment = {}) =>
  runInit([...args, "--yes", "--cwd", folder, "--no-install"], { environment, terminal: undefined });
const git = (folder: string, ...args: readonly string[]) => spawnSync("git", args, { cwd: folder });
const files = {
  "package.json": { type: "module", dependencies: { express: "^5.0.0" } },
  "server.js": 'import express from "express";\n\nconst app = express();\napp.listen(4000);\n',
};
const next = {
  "package.json": { dependencies: { next: "^16.0.0" } },
  "app/page.js": "export default () => null;\n",
};

describe("an environment file (shape 6, 7)", () => {
  test.each([
    ["the environment", {}, { DATABASE_URL: "postgres://localhost/real" }],
    [".env.local", { ".env.local": "DATABASE_URL=postgres://localhost/local\n" }, {}],
    [".env", { ".env": "A=1\r\nexport DATABASE_URL=postgres://localhost/mine" }, {}],
  ])("DATABASE_URL of %s chooses the driver, and no second one is written", async (_, more, environment) => {
    const folder = folderWith({ ...files, ...more });
    const before = filesIn(folder);
    await run(folder, [], environment);
    const after = filesIn(folder);
    expect(after["auth.js"]).toContain('from "keyturn/postgres"');
    for (const name of [".env", ".env.local", ".env.example"]) expect(after[name]).toBe(before[name]);
    expect(said()).not.toMatch(/localhost\/(real|local|mine)/);
  });

  test.each([
    [".env", files],
    [".env.local", next],
  ])("a %s that is in the repository gets no address, and how to take it out is said", async (name, app) => {
    const folder = folderWith({ ...app, [name]: "A=1\n" });
    git(folder, "init");
    git(folder, "add", name);
    await run(folder, ["--database", "postgres"]);
    expect(filesIn(folder)[name]).toBe("A=1\n");
    expect(filesIn(folder)[".gitignore"]).toContain(name);
    expect(said()).toContain(`git rm --cached ${name}`);
    expect(JSON.stringify(filesIn(folder))).not.toContain("postgres://localhost");
  });

  test.each([
    [".env", files],
    [".env.local", next],
  ])(
    "%s is hidden before it is written, readable by its owner, under no name for browsers",
    async (name, app) => {
      const folder = folderWith(app);
      git(folder, "init");
      await run(folder, ["--database", "mysql"]);
      const text = filesIn(folder)[name] ?? "";
      expect(text).toMatch(/^DATABASE_URL=mysql:\/\/\S+\n$/);
      expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
      expect(git(folder, "check-ignore", name).status).toBe(0);
      const address = text.slice("DATABASE_URL=".length).trim();
      for (const [path, other] of Object.entries(filesIn(folder)))
        if (path !== name) expect([path, other.includes(address)]).toEqual([path, false]);
      expect(said()).not.toContain(address);
      expect(said()).not.toMatch(/(NEXT_PUBLIC|VITE|REACT_APP|PUBLIC)_/);
      expect(existsSync(join(folder, ".env.example"))).toBe(false);
    },
  );

  test("the line that hides a file is there even if the file itself cannot be written", () => {
    const folder = folderWith({ blocked: "a file and no folder" });
    const changes = [
      { path: "blocked/.env", before: undefined, after: "A=secret\n" },
      { path: ".gitignore", before: undefined, after: ".env\n" },
    ];
    expect(() => writeChanges(folder, changes)).toThrow();
    expect(filesIn(folder)).toEqual({ ".gitignore": ".env\n", blocked: "a file and no folder" });
  });
});

describe("a file of somebody's own (shape 8)", () => {
  test("every --force keeps a copy of its own", async () => {
    const folder = folderWith({ ...files, "auth.js": "export const a = 1;\n", "auth.js.backup": "older\n" });
    await run(folder, ["--force"]);
    expect(filesIn(folder)).toMatchObject({
      "auth.js.backup": "older\n",
      "auth.js.backup-2": "export const a = 1;\n",
      "auth.js": expect.stringContaining("createAuth"),
    });
  });

  test("is not written if it appears or changes while the questions are answered", () => {
    const folder = folderWith({ "auth.js": "mine\n" });
    const change = { path: "auth.js", before: undefined, after: "ours\n" };
    expect(() => writeChanges(folder, [change])).toThrow("changed while this ran. Nothing was written");
    expect(readFileSync(join(folder, "auth.js"), "utf8")).toBe("mine\n");
  });

  test("package.json and tsconfig.json of a project keep every byte (shape 9)", async () => {
    const own = '{ "type":"module",\n\t"dependencies":{"express":"^5.0.0"} }';
    const config = '{\n\t// ours\n\t"compilerOptions": { "module": "nodenext" },\n}';
    const folder = folderWith({ ...files, "package.json": own, "tsconfig.json": config });
    await run(folder);
    expect(filesIn(folder)).toMatchObject({ "package.json": own, "tsconfig.json": config });
  });
});

describe("a second run (shape 10)", () => {
  test("knows what was moved, renamed and formatted anew, and writes nothing", async () => {
    const folder = folderWith({
      ...files,
      "config/sign-in.js":
        'import { createAuth as make } from "keyturn";\nimport { sqlite } from "keyturn/sqlite";\nexport const signIn = make({ database: sqlite("app.db"), models: { user: { mountAt: "/auth" } } });\n',
      "lib/routes/auth.js":
        "import { keyturn as routes } from 'keyturn/express'\nimport { signIn } from '../../config/sign-in.js'\nexport default function mountAll (app) {\n  app\n    .use(\n      routes(signIn)\n    )\n}\n",
      ".gitignore": "app.db*\n",
    });
    const before = filesIn(folder);
    await run(folder);
    expect(said()).toContain("Nothing to write. There already: config/sign-in.js, lib/routes/auth.js");
    expect(process.exitCode).toBeUndefined();
    expect(filesIn(folder)).toEqual(before);
  });

  test.each([
    ["pnpm-lock.yaml", "pnpm exec"],
    ["yarn.lock", "yarn"],
    ["bun.lock", "bunx"],
    ["package-lock.json", "npx"],
  ])("with %s names every command in that manager's words (shape 1)", async (lockfile, words) => {
    const folder = folderWith({ ...files, [lockfile]: "" });
    await run(folder);
    await run(folder, ["Admin", "/admin_auth"]);
    const commands = said()
      .split("\n")
      .filter((line) => /^ {2}\S.*keyturn (init|migrate|accounts)/.test(line));
    expect(commands).toHaveLength(3);
    for (const command of commands) expect(command).toMatch(new RegExp(`^ {2}${words} keyturn `));
  });
});
