/** An app from outside: installs the packed tarball, compiles README's quick start against it, and runs what README says to try. Argument: the tarball. */
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
  await tryQuickStart(port);
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
    "react",
    "@types/react",
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

/** Starts the quick start and runs the commands that README gives for it. */
async function tryQuickStart(port) {
  const readme = readFileSync(`${root}README.md`, "utf8");
  const commands = [...readme.matchAll(/^```sh\n(.*?)^```/gms)].map(([, code]) => code);
  const tried = commands.find((code) => code.includes("/admins_only"));
  if (!tried) fail("README.md has no commands that ask for /admins_only");
  const server = spawn(process.execPath, ["server.js"], { cwd: folder, stdio: "inherit" });
  try {
    await untilListening(port);
    const { stdout, status } = spawnSync("bash", ["-euc", tried.replaceAll("3000", String(port))], {
      cwd: folder,
      encoding: "utf8",
    });
    if (status !== 0 || !stdout.includes("Welcome ada@example.com"))
      fail(`the commands of README end with ${status}: ${stdout}`);
    console.log("the quick start signs up and lets in: yes");
  } finally {
    server.kill();
  }
}

/** Waits ten seconds at most. The last refusal is the error. */
async function untilListening(port) {
  const until = Date.now() + 10_000;
  for (;;) {
    try {
      return await fetch(`http://127.0.0.1:${port}/`);
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
