/**
 * `npm run bench`: compiles the benchmark to plain JavaScript and runs it against the built package, so that nothing is between Node
 * and what an app would run. Arguments are those of options.ts; `micro` or `capacity` as the first one runs that file instead of run.ts.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { setup } from "../scripts/setup.mjs";

const here = new URL(".", import.meta.url);
const out = new URL("../artifacts/bench/", here);
await setup();

// simulate.ts and attack.ts are other programs, which run the sources.
const sources = readdirSync(here, { recursive: true, encoding: "utf8" }).filter(
  (file) => file.endsWith(".ts") && file !== "simulate.ts" && file !== "attack.ts",
);
for (const name of sources) {
  const { outputText } = ts.transpileModule(readFileSync(new URL(name, here), "utf8"), {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  });
  const file = fileURLToPath(new URL(name.replace(/\.ts$/, ".js"), out));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, outputText);
}

const [command = "", ...rest] = process.argv.slice(2);
const isNamed = command === "micro" || command === "capacity";
const program = new URL(`${isNamed ? command : "run"}.js`, out);
process.argv = [
  process.argv[0] ?? "node",
  fileURLToPath(program),
  ...(isNamed ? rest : process.argv.slice(2)),
];
await import(program.href);
