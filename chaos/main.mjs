/** `npm run chaos`: compiles this folder to plain JavaScript and runs it. Arguments are those of run.ts. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import ts from "typescript";

const here = new URL(".", import.meta.url);
const out = new URL("../artifacts/chaos/", here);
mkdirSync(out, { recursive: true });
for (const name of readdirSync(here).filter((file) => file.endsWith(".ts"))) {
  const { outputText } = ts.transpileModule(readFileSync(new URL(name, here), "utf8"), {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  });
  writeFileSync(new URL(name.replace(/\.ts$/, ".js"), out), outputText);
}
await import(new URL("run.js", out).href);
