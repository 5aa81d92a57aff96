import { dirname } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { root } from "../scripts/entries.mjs";
import { blocks } from "./fixtures/pages.js";

/** The examples of the documentation compile against the sources. */

describe("examples", () => {
  test("every ts, tsx and js block compiles against the sources; fragments parse", () => {
    const files = virtualFiles(/^(ts|js|tsx)$/);
    expect(files.size).toBeGreaterThan(10);
    expect(problemsOf(files)).toEqual([]);
    const browser = { lib: ["lib.es2023.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"], types: [] };
    expect(problemsOf(virtualFiles(/^ts browser$/), browser)).toEqual([]);
    const fragments = blocks.filter(({ info }) => /^(ts|js) fragment$/.test(info));
    const broken = fragments.filter(({ code }) => syntaxErrors(code) > 0);
    expect(broken.map(({ page, line }) => `${page}:${line}`)).toEqual([]);
  }, 240_000);

  test("every json block is JSON", () => {
    for (const { code } of blocks.filter(({ info }) => info === "json")) JSON.parse(code);
  });

  test("no block says that it is in a language nobody checks", () => {
    const known = /^(|ts|js|tsx|ts browser|ts fragment|js fragment|json|sh|text|http|ruby|html|eta)$/;
    expect(blocks.filter(({ info }) => !known.test(info)).map(({ page, line }) => `${page}:${line}`)).toEqual(
      [],
    );
  });
});

/** The whole examples as files: one folder a page, names from their first comment (`// auth.ts`). A page without an auth.ts imports README's. */
function virtualFiles(infos: RegExp): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const whole = blocks.filter(({ info }) => infos.test(info));
  const named = (code: string): string | undefined => /^\/\/ ([\w.-]+\.[jt]sx?)\b/.exec(code)?.[1];
  const shared = whole.find(({ page, code }) => page === "README.md" && named(code) === "auth.ts");
  for (const { page, line, info, code } of whole) {
    const name = named(code) ?? `line-${line}.${info.split(" ")[0]}`;
    let folder = `${root}src/from-${page.replace(/\W/g, "-")}`;
    // A second file of the same name begins another example.
    while (files.has(`${folder}/${name}`)) folder += "-next";
    files.set(`${folder}/${name}`, `${code}\nexport {};\n`);
  }
  for (const file of [...files.keys()]) {
    const auth = `${dirname(file)}/auth.ts`;
    if (shared && !files.has(auth)) files.set(auth, shared.code);
  }
  return files;
}

/** `others`: compiler options that are others than the repository's. */
function problemsOf(files: ReadonlyMap<string, string>, others: ts.CompilerOptions = {}): readonly string[] {
  const { config } = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile);
  const parsed = ts.parseJsonConfigFileContent(config, { ...ts.sys, readDirectory: () => [] }, root);
  const options = { ...parsed.options, ...others, checkJs: true, jsx: ts.JsxEmit.ReactJSX };
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, directoryExists } = host;
  const folders = new Set([...files.keys()].map(dirname));
  host.fileExists = (file) => files.has(file) || fileExists.call(host, file);
  host.readFile = (file) => files.get(file) ?? readFile.call(host, file);
  host.directoryExists = (folder) => folders.has(folder) || (directoryExists?.call(host, folder) ?? true);
  const program = ts.createProgram([...files.keys()], options, host);
  return [...files.keys()].flatMap((file) => {
    const source = program.getSourceFile(file);
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found.map(
      ({ messageText }) =>
        `${file.slice(root.length)}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`,
    );
  });
}

function syntaxErrors(code: string): number {
  const { diagnostics = [] } = ts.transpileModule(`async () => {\n${code}\n}`, { reportDiagnostics: true });
  return diagnostics.length;
}
