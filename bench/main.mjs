/**
 * `npm run bench`: compiles the benchmark to plain JavaScript and runs it against the built package, so that nothing is between Node
 * and what an app would run. Arguments are those of run.ts; `micro` as the first one runs micro.ts.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { setup } from "../scripts/setup.mjs";

const here = new URL(".", import.meta.url);
const out = new URL("../artifacts/bench/", here);
await setup();

mkdirSync(out, { recursive: true });
// simulate.ts is another program, which runs the sources.
for (const name of readdirSync(here).filter((file) => file.endsWith(".ts") && file !== "simulate.ts")) {
  const { outputText } = ts.transpileModule(readFileSync(new URL(name, here), "utf8"), {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  });
  writeFileSync(new URL(name.replace(/\.ts$/, ".js"), out), outputText);
}

const [command = "", ...rest] = process.argv.slice(2);
const program = command === "micro" ? command : "run";
process.argv = [
  process.argv[0] ?? "node",
  fileURLToPath(new URL(`${program}.js`, out)),
  ...(program === "run" ? process.argv.slice(2) : rest),
];
await import(new URL(`${program}.js`, out).href);
