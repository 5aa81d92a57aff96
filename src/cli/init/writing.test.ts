import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { expect, test, vi } from "vitest";
import { filesIn, folderWith, hearConsole } from "../../../test/fixtures/init-app.js";
import { runInit } from "./init.js";
import { writeChanges } from "./write.js";

/** What `keyturn init` writes, shows and leaves. Nothing is installed here; apps.test.ts has whole apps. */

const said = hearConsole();

const nobody = { environment: {}, terminal: undefined };
const run = (folder: string, ...args: readonly string[]) =>
  runInit([...args, "--cwd", folder, "--no-install"], nobody);
const git = (folder: string, ...args: readonly string[]) =>
  spawnSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.com", ...args], { cwd: folder });

const app = 'import express from "express";\n\nconst app = express();\napp.listen(4000);\n';
const files = {
  "package.json": { type: "module", dependencies: { express: "^5.0.0" } },
  "server.js": app,
};

test("without a terminal nothing is written, and the option for each open question is named", async () => {
  const folder = folderWith({
    "package.json": { dependencies: { hono: "*", fastify: "*", pg: "*", mysql2: "*" } },
    "package-lock.json": "{}",
    "yarn.lock": "",
  });
  const before = filesIn(folder);
  const refused = run(folder, "--yes");
  await expect(refused).rejects.toThrow("--framework hono|fastify|none");
  await expect(refused).rejects.toThrow("--package-manager npm|yarn");
  await expect(refused).rejects.toThrow("--database postgres|mysql");
  expect(filesIn(folder)).toEqual(before);
});

test("without a terminal and without --yes the diff is shown and nothing is written", async () => {
  const folder = folderWith(files);
  await expect(run(folder)).rejects.toThrow("--yes writes without asking");
  expect(said()).toContain("+app.use(keyturn(auth));");
  expect(Object.keys(filesIn(folder))).toEqual(["package.json", "server.js"]);
});

test("--dry-run shows the diff and the commands, and writes nothing", async () => {
  const folder = folderWith(files);
  await run(folder, "--dry-run");
  expect(said()).toContain('+import { auth } from "./auth.js";');
  expect(said()).toMatch(/^ {2}npm install keyturn/m);
  expect(Object.keys(filesIn(folder))).toEqual(["package.json", "server.js"]);
});

test.each([
  ["Ctrl-C", "\u0003"],
  ["Ctrl-D", "\u0004"],
])("%s at a question ends with 130, and nothing is written", async (_, key) => {
  const folder = folderWith(files);
  const input = new PassThrough();
  const output = new PassThrough();
  output.on("data", (text) => String(text).includes("Write this?") && input.write(key));
  await runInit(["--cwd", folder, "--no-install"], { environment: {}, terminal: { input, output } });
  expect(process.exitCode).toBe(130);
  expect(Object.keys(filesIn(folder))).toEqual(["package.json", "server.js"]);
});

test("a no leaves everything as it is, and a yes writes", async () => {
  const folder = folderWith(files);
  const saying = async (word: string) => {
    const input = new PassThrough();
    const output = new PassThrough();
    output.on("data", (text) => String(text).includes("Write this?") && input.write(`${word}\n`));
    await runInit(["--cwd", folder, "--no-install"], { environment: {}, terminal: { input, output } });
  };
  await saying("n");
  expect(Object.keys(filesIn(folder))).toEqual(["package.json", "server.js"]);
  await saying("y");
  expect(Object.keys(filesIn(folder))).toEqual([".gitignore", "auth.js", "package.json", "server.js"]);
  expect(filesIn(folder)["auth.js"]).toContain('baseUrl: "http://localhost:4000"');
});

test("an auth.js of somebody else's stays, and ours has another name; --force keeps a copy", async () => {
  const own = 'export { auth } from "better-auth";\n';
  const folder = folderWith({ ...files, "auth.js": own });
  await run(folder, "--yes");
  expect(filesIn(folder)).toMatchObject({
    "auth.js": own,
    "keyturn.config.js": expect.stringContaining("createAuth"),
  });
  expect(filesIn(folder)["server.js"]).toContain('from "./keyturn.config.js"');
  const forced = folderWith({ ...files, "auth.js": own });
  await run(forced, "--yes", "--force");
  expect(filesIn(forced)).toMatchObject({
    "auth.js.backup": own,
    "auth.js": expect.stringContaining("createAuth"),
  });
});

test("only what is lacking is appended to .gitignore, and git is asked whether a pattern covers it", async () => {
  const folder = folderWith({ ...files, ".gitignore": "node_modules\r\n*.log" });
  git(folder, "init");
  await run(folder, "--yes");
  expect(filesIn(folder)[".gitignore"]).toBe("node_modules\r\n*.log\r\napp.db*\r\n");
  const covered = folderWith({ ...files, ".gitignore": "*.db*\n" });
  git(covered, "init");
  await run(covered, "--yes");
  expect(filesIn(covered)[".gitignore"]).toBe("*.db*\n");
});

test("DATABASE_URL is written where nobody has it, for its owner's eyes, and never shown", async () => {
  const folder = folderWith({ ...files, ".env": "TOKEN=very-secret", ".env.example": "TOKEN=\n" });
  git(folder, "init");
  await run(folder, "--yes", "--database", "postgres");
  expect(filesIn(folder)[".env"]).toMatch(
    /^TOKEN=very-secret\nDATABASE_URL=postgres:\/\/localhost:5432\/\w+\n$/,
  );
  expect(filesIn(folder)[".env.example"]).toBe("TOKEN=\nDATABASE_URL=\n");
  expect(filesIn(folder)[".gitignore"]).toBe(".env\n");
  expect(said()).not.toContain("very-secret");
  expect(said()).toContain("+DATABASE_URL=…");
  const fresh = folderWith(files);
  await run(fresh, "--yes", "--database", "mysql");
  expect(statSync(join(fresh, ".env")).mode & 0o777).toBe(0o600);
});

test("an .env that is in the repository, or that has DATABASE_URL, is left alone", async () => {
  const tracked = folderWith({ ...files, ".env": "A=1\n" });
  git(tracked, "init");
  git(tracked, "add", ".env");
  await run(tracked, "--yes", "--database", "postgres");
  expect(filesIn(tracked)[".env"]).toBe("A=1\n");
  expect(said()).toContain("git rm --cached .env");
  const known = folderWith({ ...files, ".env": "DATABASE_URL=postgres://localhost/mine\n" });
  await run(known, "--yes");
  expect(filesIn(known)).toMatchObject({
    ".env": "DATABASE_URL=postgres://localhost/mine\n",
    "auth.js": expect.stringContaining("postgres(databaseUrl)"),
  });
});

test("a file with changes that nobody has committed is told before anything is written", async () => {
  const folder = folderWith(files);
  git(folder, "init");
  git(folder, "add", ".");
  git(folder, "commit", "-m", "first");
  await run(folder, "--dry-run");
  expect(said()).not.toContain("Not committed yet");
  const { appendFileSync } = await import("node:fs");
  appendFileSync(join(folder, "server.js"), "// mine\n");
  await run(folder, "--dry-run");
  expect(said()).toContain("Not committed yet, and about to change: server.js");
});

test("a model that the app has renamed is not added again, unless it is named", async () => {
  const folder = folderWith(files);
  await run(folder, "--yes");
  const { writeFileSync } = await import("node:fs");
  const renamed = (filesIn(folder)["auth.js"] ?? "").replace("    user: {", "    member: {");
  writeFileSync(join(folder, "auth.js"), renamed);
  await run(folder, "--yes");
  expect(filesIn(folder)["auth.js"]).toBe(renamed);
  await run(folder, "--yes", "Admin", "/admin_auth");
  expect(filesIn(folder)["auth.js"]).toContain('admin: { mountAt: "/admin_auth", registration: false },');
  expect(said()).toContain("\n  npx keyturn accounts create ada@example.com --model admin --confirmed");
});

test("a first model of administrators is closed, and the commands to try make its first account", async () => {
  const folder = folderWith(files);
  await run(folder, "--yes", "Admin", "/admin_auth");
  expect(filesIn(folder)["auth.js"]).toContain("      registration: false,");
  expect(said()).toContain("npx keyturn accounts create ada@example.com --model admin --confirmed");
  expect(said()).not.toContain("-d confirm_success_url");
});

test("the guard that is shown has the name under which the app imports auth, the first time and later", async () => {
  const mine = 'import express from "express";\nimport { auth } from "./mine.js";\n';
  const folder = folderWith({ ...files, "server.js": `${mine}const app = express();\napp.use(auth);\n` });
  for (const _ of ["first", "again"]) {
    const before = said().length;
    await run(folder, "--yes");
    expect(said().slice(before)).toContain(
      'authenticate(keyturnAuth, "user"), (req, res) => res.json({ email:',
    );
  }
});

test.each([
  ["an ES module", { type: "module" }, /^await auth\.ready\(\);.*\napp\.listen\(/m],
  ["CommonJS", { type: "commonjs" }, /^auth\.ready\(\)\.then\(\(\) => app\.listen\(.*\)\);$/m],
])("a new server that is %s makes its tables before it listens", async (_, manifest, lines) => {
  const folder = folderWith({ "package.json": manifest });
  await run(folder, "--yes", "--framework", "express");
  expect(filesIn(folder)["server.ts"]).toMatch(lines);
});

test("a file that cannot be written is named with the reason, and so is what was written before it", async () => {
  const folder = folderWith({ ...files, src: "a file where the folder would be" });
  const changes = [
    { path: "auth.js", before: undefined, after: "1" },
    { path: "src/app.js", before: undefined, after: "2" },
    { path: "last.js", before: undefined, after: "3" },
  ];
  expect(() => writeChanges(folder, changes)).toThrow(
    /^src\/app\.js could not be written \(E.*Written before it: auth\.js/,
  );
  expect(() => writeChanges(folder, changes.slice(1))).toThrow(/Nothing was written$/);
  expect(Object.keys(filesIn(folder)).sort()).toEqual(["auth.js", "package.json", "server.js", "src"]);
});

test("when installing fails the files stay, and the command to go on with is printed", async () => {
  const folder = folderWith(files);
  vi.stubEnv("PATH", "");
  await runInit(["--yes", "--cwd", folder], nobody);
  vi.unstubAllEnvs();
  expect(process.exitCode).toBe(1);
  expect(said()).toMatch(
    /Installing failed\. The files are written\. Go on with:\n\n {2}npm install keyturn/,
  );
  expect(filesIn(folder)["server.js"]).toContain("app.use(keyturn(auth));");
});

test("the root of a workspace with several packages asks which one", async () => {
  const folder = folderWith({
    "package.json": { workspaces: ["apps/*"], devDependencies: { express: "^5" } },
    "apps/api/package.json": files["package.json"],
    "apps/web/package.json": {},
  });
  await expect(run(folder, "--yes")).rejects.toThrow("--cwd apps/api|apps/web");
});

test.each([
  ["init User", ["User", "/auth", "more"], "takes a model and a mount point"],
  ["a name that is no identifier", ["My-Model", "/auth"], '"My-Model" is no name for a model'],
  ["a mount point without a slash", ["User", "auth"], '"auth" is no mount point'],
  ["a model without a mount point", ["Admin"], "keyturn init Admin /admin_auth"],
  ["an option that there is not", ["--framwork", "express"], "keyturn init --help lists the options"],
  [
    "a framework that there is not",
    ["--framework", "rails"],
    "--framework is one of express, fastify, hono, koa, nest, next, none",
  ],
])("%s is refused", async (_, args, sentence) => {
  await expect(runInit(args, nobody)).rejects.toThrow(sentence);
});
