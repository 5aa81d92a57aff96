/** An app from outside: installs the packed tarball, compiles the README's quick start against it and signs up with it. Argument: the tarball. */
import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { publicEntries, root } from "./entries.mjs";
import { npm } from "./setup.mjs";

const folder = mkdtempSync(join(tmpdir(), "keyturn-consumer-"));
try {
  install(resolve(process.argv[2]));
  const port = await freePort();
  writeSources(port);
  must("the sources compile", process.execPath, "node_modules/typescript/bin/tsc");
  must("every entry loads", process.execPath, "entries.js");
  must("the command line answers", process.execPath, "node_modules/keyturn/dist/cli/main.js", "--version");
  await signUp(port);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** The versions this repository is tested with. The addon is taken over compiled: building it again proves nothing about the package. */
function install(tarball) {
  const { devDependencies } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
  const beside = [
    "typescript",
    "@types/node",
    "better-sqlite3",
    "@types/better-sqlite3",
    "express",
    "@types/express",
    "hono",
    "@hono/node-server",
    "commander",
    "pg",
    "@types/pg",
    "mysql2",
  ];
  const devs = Object.fromEntries(beside.map((name) => [name, devDependencies[name]]));
  const manifest = { type: "module", private: true, dependencies: { keyturn: `file:${tarball}`, ...devs } };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  must(
    "the package installs",
    ...npm("install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"),
  );
  const addon = "node_modules/better-sqlite3/build";
  cpSync(root + addon, join(folder, addon), { recursive: true });
}

/** The README's blocks that begin with the name of a file (`// server.ts`), and one file that imports every public entry. */
function writeSources(port) {
  const readme = readFileSync(`${root}README.md`, "utf8");
  const blocks = [...readme.matchAll(/^```ts\n\/\/ (\w+\.ts)[^\n]*\n(.*?)^```/gms)];
  if (!blocks.some(([, file]) => file === "server.ts"))
    fail("README.md has no block that begins with // server.ts");
  for (const [, file, code] of blocks)
    writeFileSync(join(folder, file), code.replaceAll("3000", String(port)));
  const entries = publicEntries().map(
    ({ name }, n) =>
      `import * as entry${n} from "${name}";\nconsole.log("${name}", Object.keys(entry${n}).length);\n`,
  );
  writeFileSync(join(folder, "entries.ts"), entries.join(""));
  const compilerOptions = {
    module: "nodenext",
    target: "es2023",
    lib: ["es2023"],
    types: ["node"],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
}

async function signUp(port) {
  const server = spawn(process.execPath, ["server.js"], { cwd: folder, stdio: "inherit" });
  try {
    const account = {
      email: "ada@example.org",
      password: "correct horse battery",
      password_confirmation: "correct horse battery",
    };
    const answer = await post(`http://127.0.0.1:${port}/auth`, {
      ...account,
      confirm_success_url: "http://localhost:5173/",
    });
    const body = await answer.text();
    if (answer.status !== 200) fail(`sign-up answered ${answer.status}: ${body}`);
    console.log(`the quick start signs up: ${body}`);
  } finally {
    server.kill();
  }
}

/** Waits until the server listens: ten seconds, then the last refusal counts. */
async function post(url, body) {
  const until = Date.now() + 10_000;
  for (;;) {
    try {
      return await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    } catch (error) {
      if (Date.now() > until) throw error;
      await new Promise((done) => setTimeout(done, 100));
    }
  }
}

function freePort() {
  return new Promise((done) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}

function must(what, command, ...args) {
  const { status } = spawnSync(command, args, { cwd: folder, stdio: ["ignore", "inherit", "inherit"] });
  if (status !== 0) fail(`${what}: no (exit code ${status})`);
  console.log(`${what}: yes`);
}

function fail(message) {
  throw new Error(message);
}
