/** What `npm start` and `npm test` do first, so that both work in a fresh clone: install, then build, each only when due. */
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { assets } from "./assets.mjs";
import { buildEntries, outputOf, root } from "./entries.mjs";

/** Leaves the process when a step fails, with that step's exit code. */
export async function setup() {
  process.chdir(root);
  if (process.env.npm_lifecycle_event) stopWithParent();
  if (!isInstalled()) {
    console.log("Installing what package-lock.json lists (the first time takes a minute or two) …");
    // NODE_ENV=production would leave out the compiler that the next step needs.
    await step(...npm("ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"));
  }
  if (!isBuilt()) {
    console.log("Building …");
    await step(process.execPath, "scripts/build.mjs");
  }
}

/** Runs a command with our input and output; passes on the signals that reach us. @returns {Promise<number>} its exit code */
export function run(command, ...args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: "inherit" });
    const forward = (signal) => child.kill(signal);
    process.on("SIGTERM", forward).on("SIGINT", forward);
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      process.off("SIGTERM", forward).off("SIGINT", forward);
      resolve(code ?? (signal === "SIGINT" ? 130 : 143));
    });
  });
}

/** A signal sent to npm ends the shell between npm and us, but is not passed on by it: without this the server would outlive `npm start`. */
function stopWithParent() {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, "SIGTERM");
  }, 200);
  timer.unref();
}

async function step(command, ...args) {
  const code = await run(command, ...args);
  if (code !== 0) process.exit(code);
}

/** The npm that started us, or the one on the path when a script was started with node. */
export function npm(...args) {
  const path = process.env.npm_execpath;
  return path?.endsWith(".js") ? [process.execPath, path, ...args] : ["npm", ...args];
}

/** npm writes node_modules/.package-lock.json last, so an install that broke off does not count. Packages for other platforms are optional. */
function isInstalled() {
  if (!existsSync("node_modules/.package-lock.json")) return false;
  const wanted = packagesOf("package-lock.json");
  const present = packagesOf("node_modules/.package-lock.json");
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === "" || optional || present[path]?.version === version,
  );
}

function packagesOf(lockfile) {
  return JSON.parse(readFileSync(lockfile, "utf8")).packages;
}

function isBuilt() {
  const outputs = [...[...buildEntries(), ...assets()].map(outputOf), "demo/dist/app.js"];
  if (!outputs.every(existsSync)) return false;
  const inputs = [
    "package.json",
    "tsconfig.json",
    "tsconfig.build.json",
    "tsdown.config.ts",
    "scripts/assets.mjs",
    "scripts/build.mjs",
    ...sources("src"),
    ...sources("demo/page"),
  ];
  return Math.max(...inputs.map(changedAt)) < Math.min(...outputs.map(changedAt));
}

/** Folders count too: theirs is the time that moves when a file is deleted. */
function sources(folder) {
  const inside = readdirSync(folder, { withFileTypes: true }).filter(
    (entry) => !entry.name.includes(".test."),
  );
  return [
    folder,
    ...inside.flatMap((entry) =>
      entry.isDirectory() ? sources(join(folder, entry.name)) : join(folder, entry.name),
    ),
  ];
}

function changedAt(path) {
  return statSync(path).mtimeMs;
}
