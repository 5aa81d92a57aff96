/** An app from outside: installs the packed tarball, compiles README's quick start against it, and runs what README says to try. Argument: the tarball. */
import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { publicEntries, root } from "./entries.mjs";
import { npm } from "./setup.mjs";

/** As strict as apps are, with the types of libraries checked too. */
const compilerOptions = {
  module: "nodenext",
  target: "es2023",
  lib: ["es2023"],
  types: ["node"],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
  // Express and Koa bring a version with types of its own, which @types/koa cannot read.
  paths: { "content-disposition": ["./node_modules/@types/content-disposition/index.d.ts"] },
};
/** The compilers that are installed, by version. */
const compilers = new Map();
const folder = mkdtempSync(join(tmpdir(), "keyturn-consumer-"));
try {
  install(resolve(process.argv[2]));
  const port = await freePort();
  writeSources(port);
  must("the sources compile", process.execPath, "node_modules/typescript/bin/tsc");
  checkTypes();
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
    "fastify",
    "hono",
    "@hono/node-server",
    "koa",
    "@types/koa",
    "commander",
    "jiti",
    "pg",
    "@types/pg",
    "mysql2",
    "react",
    "@types/react",
    "@opentelemetry/api",
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
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
}

/**
 * Compiles test/consumer under every version of TypeScript that apps may have: with strict checks, with those of the libraries, and with
 * declarations of what it exports.
 */
function checkTypes() {
  const sources = join(folder, "types");
  cpSync(`${root}test/consumer`, sources, { recursive: true });
  const paths = {
    "content-disposition": [join(folder, "node_modules/@types/content-disposition/index.d.ts")],
  };
  const base = {
    ...compilerOptions,
    lib: ["es2023", "dom"],
    declaration: true,
    rootDir: ".",
    outDir: "out",
    paths,
  };
  const node10 = { ...base, esModuleInterop: true, module: "commonjs", moduleResolution: "node10" };
  const programs = [
    {
      name: "express",
      options: base,
      include: ["express.ts", "misspelt.ts"],
      versions: ["5.5", "5.9", "6.0", "7.0"],
    },
    // Hono's own types need TypeScript 5.7.
    { name: "hono", options: base, include: ["hono.ts"], versions: ["5.9", "6.0", "7.0"] },
    { name: "fastify", options: base, include: ["fastify.ts"], versions: ["5.9", "6.0", "7.0"] },
    { name: "koa", options: base, include: ["koa.ts"], versions: ["5.5", "5.9", "6.0", "7.0"] },
    {
      name: "own-account",
      options: base,
      include: ["own-account/*.ts"],
      versions: ["5.5", "5.9", "6.0", "7.0"],
    },
    // TypeScript 6 says that it is going away, and 7 no longer has it; the types of pg's own packages need 5.7.
    { name: "node10", options: node10, include: ["node10/*.ts"], versions: ["5.9"] },
  ];
  for (const { name, options, include, versions } of programs) {
    const config = join(sources, `tsconfig.${name}.json`);
    writeFileSync(config, JSON.stringify({ compilerOptions: options, include }));
    for (const version of versions)
      must(`${name} under TypeScript ${version}`, process.execPath, compiler(version), "-p", config);
  }
}

/** Installs a version of TypeScript beside the app, and returns its compiler. */
function compiler(version) {
  const known = compilers.get(version);
  if (known) return known;
  const place = join(folder, `typescript-${version}`);
  must(
    `TypeScript ${version} installs`,
    ...npm(
      "install",
      "--prefix",
      place,
      "--no-audit",
      "--no-fund",
      "--loglevel=error",
      `typescript@~${version}`,
    ),
  );
  const installed = join(place, "node_modules/typescript");
  const { bin } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
  const path = join(installed, bin.tsc);
  compilers.set(version, path);
  return path;
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
    console.log("the quick start signs in and lets in: yes");
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
