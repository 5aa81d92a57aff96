import { spawnSync } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { describe, expect, test, vi } from "vitest";
import { root } from "../../../scripts/entries.mjs";
import { filesIn, folderWith, hearConsole, keyturn } from "../../../test/fixtures/init-app.js";
import { runInit } from "./init.js";

/** Who is asked what, and what an answer, an interruption or nobody at all leads to. */

const said = hearConsole();

const express = { "package.json": { type: "module", dependencies: { express: "^5.0.0" } } };
const app = { "server.js": 'import express from "express";\n\nconst app = express();\napp.listen(4000);\n' };

/** Types `answers` at the questions that have those words, one after the other. */
async function answering(
  folder: string,
  ...answers: readonly (readonly [question: string, typed: string])[]
) {
  const input = new PassThrough();
  const output = new PassThrough();
  const left = [...answers];
  let shown = "";
  output.on("data", (text) => {
    shown += String(text);
    const [next] = left;
    if (next === undefined || !shown.includes(next[0])) return;
    left.shift();
    shown = "";
    setImmediate(() => input.write(next[1]));
  });
  await runInit(["--cwd", folder, "--no-install"], { environment: {}, terminal: { input, output } });
  expect(left).toEqual([]);
}

const questions: readonly (readonly [asked: string, files: Readonly<Record<string, unknown>>])[] = [
  [
    "Which package gets Keyturn?",
    { "package.json": { workspaces: ["apps/*"] }, "apps/a/package.json": {}, "apps/b/package.json": {} },
  ],
  ["Which framework", { "package.json": { dependencies: { hono: "*", fastify: "*" } } }],
  ["No framework was found", { "package.json": { dependencies: { lodash: "*" } }, "lib.js": "" }],
  ["Which package manager?", { ...express, ...app, "yarn.lock": "", "package-lock.json": "{}" }],
  ["Which database?", { ...app, "package.json": { dependencies: { express: "^5", pg: "*", mysql2: "*" } } }],
  ["Write this?", { ...express, ...app }],
];

describe.each(questions)("at the question %j", (asked, files) => {
  test.each([
    ["Ctrl-C", "\u0003"],
    ["Ctrl-D", "\u0004"],
    ["Esc", "\u001b"],
  ])("%s ends with 130, and nothing is written", async (_, key) => {
    const folder = folderWith(files);
    const before = filesIn(folder);
    await answering(folder, [asked, key]);
    expect(process.exitCode).toBe(130);
    expect(said()).toContain("Nothing was written");
    expect(filesIn(folder)).toEqual(before);
  });
});

test("the package of a workspace that is chosen gets the files, and the root none", async () => {
  const folder = folderWith({
    "package.json": { workspaces: ["apps/*"] },
    "apps/api/package.json": express["package.json"],
    "apps/api/server.js": app["server.js"],
    "apps/web/package.json": {},
  });
  const before = filesIn(folder);
  await answering(folder, ["Which package gets Keyturn?", "1\r"], ["Write this?", "y\r"]);
  const after = filesIn(folder);
  expect(Object.keys(after).filter((path) => after[path] !== before[path])).toEqual([
    "apps/api/.gitignore",
    "apps/api/auth.js",
    "apps/api/server.js",
  ]);
});

test("what is open is asked one after the other, and an answer that is none of them is asked again", async () => {
  const folder = folderWith({
    "package.json": { dependencies: { hono: "*", fastify: "^5", pg: "*", mysql2: "*" } },
    "yarn.lock": "",
    "package-lock.json": "{}",
  });
  await answering(
    folder,
    ["Which framework", "9\r"],
    ["Which framework", "2\r"],
    ["Which package manager?", "2\r"],
    ["Which database?", "1\r"],
    ["Write this?", "y\r"],
  );
  expect(said()).toContain("fastify: as you chose");
  expect(said()).toContain("yarn: as you chose");
  expect(said()).toContain("postgres: as you chose");
});

test.each([
  ["a question that is open", { "package.json": { dependencies: { hono: "*", fastify: "*" } } }, ["--yes"]],
  ["the question whether to write", { ...express, ...app }, []],
])("without a terminal %s is exit code 1, without colour and spinner", (_, files, args) => {
  const folder = folderWith(files);
  const before = filesIn(folder);
  const { status, stdout, stderr } = keyturn(folder, "init", ...args);
  expect(status).toBe(1);
  expect(stderr).toContain("Nothing was written, because there is nobody to ask");
  for (const control of ["\u001b", "\r", "\b"]) expect(stdout + stderr).not.toContain(control);
  expect(filesIn(folder)).toEqual(before);
});

describe("changes that nobody has committed", () => {
  const git = (folder: string, ...args: readonly string[]) =>
    spawnSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.com", ...args], { cwd: folder });
  const repository = () => {
    const folder = folderWith({ ...express, ...app, "other.js": "" });
    git(folder, "init");
    git(folder, "add", ".");
    git(folder, "commit", "-m", "first");
    for (const name of ["server.js", "other.js"])
      writeFileSync(join(folder, name), `${app["server.js"]}// mine\n`);
    writeFileSync(join(folder, "new.js"), "");
    return folder;
  };
  const dryRun = (folder: string) =>
    runInit(["--cwd", folder, "--dry-run"], { environment: {}, terminal: undefined });

  test("are told of files that would be touched, and of no others; nothing is refused for them", async () => {
    const folder = repository();
    await runInit(["--cwd", folder, "--yes", "--no-install"], { environment: {}, terminal: undefined });
    expect(said()).toContain("Not committed yet, and about to change: server.js\n");
    expect(said()).not.toMatch(/Not committed yet.*(other|new)\.js/);
    expect(filesIn(folder)["server.js"]).toContain("app.use(keyturn(auth));");
  });

  test("are told before the first question, also where the answers decide which files change", async () => {
    const folder = repository();
    writeFileSync(join(folder, "yarn.lock"), "");
    writeFileSync(join(folder, "package-lock.json"), "{}");
    const before = filesIn(folder);
    await answering(folder, ["Which package manager?", "\u0003"]);
    expect(process.exitCode).toBe(130);
    expect(said()).toContain("Not committed yet, and may change: server.js\n");
    expect(filesIn(folder)).toEqual(before);
  });

  test("are not looked for without git, and without a repository", async () => {
    const folder = repository();
    vi.stubEnv("PATH", "");
    await dryRun(folder);
    vi.unstubAllEnvs();
    await dryRun(folderWith({ ...express, ...app }));
    expect(said()).not.toContain("Not committed yet");
    expect(said()).toContain("+app.use(keyturn(auth));");
  });
});

describe("installing", () => {
  /** A folder with a program `npm` that writes down what it was asked and then does `what`. */
  function manager(what: string): string {
    const folder = folderWith({ npm: `#!/bin/sh\necho "npm $*" >> "$PWD/asked.log"\n${what}\n` });
    chmodSync(join(folder, "npm"), 0o755);
    return folder;
  }
  const runWith = (programs: string, folder: string) =>
    spawnSync(process.execPath, [`${root}dist/cli/main.js`, "init", "--yes"], {
      cwd: folder,
      env: { PATH: `${programs}:${process.env["PATH"]}` },
      encoding: "utf8",
    });

  test("comes last; when it fails its own output is seen, the files stay, and the next run goes on", () => {
    const folder = folderWith({ ...express, ...app });
    const failing = manager("grep -c keyturn server.js auth.js; echo npm error network >&2; exit 1");
    const failed = runWith(failing, folder);
    expect(failed.status).toBe(1);
    expect(failed.stdout).toMatch(/server\.js:[1-9].*\nauth\.js:[1-9]/);
    expect(failed.stderr).toContain("npm error network");
    expect(failed.stderr).toMatch(/Go on with:\n\n {2}npm install keyturn\S*.*\n {2}npm install --save-dev /);
    expect(failed.stdout).not.toContain("Try it:");
    const written = filesIn(folder);
    const working = manager(
      'mkdir -p node_modules/keyturn; echo \'{"name":"keyturn","type":"module","exports":{".":"./a.js","./sqlite":"./a.js"}}\' > node_modules/keyturn/package.json\n' +
        "echo 'export const sqlite = () => 0; export const createAuth = () => ({ ready() {}, close() {} });' > node_modules/keyturn/a.js",
    );
    const next = runWith(working, folder);
    expect([next.status, next.stderr]).toEqual([0, ""]);
    expect(next.stdout).toContain("Nothing to write. There already: auth.js, server.js");
    expect(filesIn(folder)).toEqual({ ...written, "asked.log": expect.stringContaining("--save-dev") });
  });

  test("of an addon that was not built is exit code 1 before anything is called done", () => {
    const folder = folderWith({ ...express, ...app });
    const unbuilt = manager(
      'mkdir -p node_modules/keyturn; echo \'{"name":"keyturn","exports":{".":"./a.cjs","./sqlite":"./a.cjs"}}\' > node_modules/keyturn/package.json\n' +
        "echo 'throw new Error(\"Could not locate the bindings file.\");' > node_modules/keyturn/a.cjs",
    );
    const { status, stdout, stderr } = runWith(unbuilt, folder);
    expect(status).toBe(1);
    expect(stderr).toContain("What helps: npm rebuild better-sqlite3");
    expect(stdout).not.toContain("Try it:");
  });
});
