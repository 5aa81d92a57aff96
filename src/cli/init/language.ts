import { existsSync } from "node:fs";
import { join } from "node:path";
import { CommandRefused } from "../failures.js";
import type { Found } from "./detected.js";
import { dependenciesOf, majorOfRange, type Project, readText, shown } from "./project.js";
import { importsOf, type Syntax } from "./syntax.js";
import { type CompilerOptions, readCompilerOptions } from "./tsconfig.js";

export interface Language {
  readonly name: "TypeScript" | "JavaScript";
  /** What the app's files are when they run. */
  readonly format: "esm" | "commonjs";
  /** Ending of the configuration file. */
  readonly ending: ".ts" | ".mts" | ".js" | ".mjs";
  /** What an import of that file ends with. */
  readonly imported: ".js" | ".ts" | ".mjs" | ".mts" | "";
  /** Whether the compiler refuses `import { … }` in the app's files: CommonJS with `verbatimModuleSyntax`. */
  readonly importsByRequire?: boolean;
}

const tsconfigs = ["tsconfig.json", "tsconfig.app.json", "tsconfig.base.json"];

/** What the app is written in. Throws a CommandRefused where its compiler could not load an ESM package such as this one. */
export function detectLanguage(project: Project, entry: Syntax | undefined): Found<Language> {
  // A compiler that is started in a package without one looks further up too.
  const folders = project.rootManifest ? [project.cwd, project.root] : [project.cwd];
  const tsconfig = folders
    .flatMap((folder) => tsconfigs.map((name) => join(folder, name)))
    .find((path) => existsSync(path));
  const isDependency =
    "typescript" in { ...dependenciesOf(project.rootManifest), ...dependenciesOf(project.manifest) };
  const isTypeScript = entry ? /tsx?$/.test(entry.path) : tsconfig !== undefined || isDependency;
  const type = entry ? typeOf(entry.path, project) : (project.manifest?.type ?? "commonjs");
  if (!isTypeScript) {
    const format = type === "module" ? "esm" : "commonjs";
    const ending = format === "esm" && !entry?.path.endsWith(".mjs") ? ".js" : ".mjs";
    const reason = entry ? `${entry.path}, ${saysType(type)}` : saysType(type);
    return { value: { name: "JavaScript", format, ending, imported: ending }, reason };
  }
  const options = tsconfig === undefined ? undefined : readCompilerOptions(tsconfig);
  const format = options === undefined ? "esm" : formatOf(options, type, project);
  const reason = [
    entry?.path ?? (tsconfig && shown(project, tsconfig)) ?? "typescript in package.json",
    options?.module && `module ${options.module}`,
  ];
  const importsByRequire = format === "commonjs" && options?.verbatimModuleSyntax === true;
  // The rest of the package is CommonJS, so auth.ts would be that too.
  const isModuleAlone = entry?.path.endsWith(".mts") && project.manifest?.type !== "module";
  const imported = endingOfImports(options, entry);
  const files =
    importsByRequire || isModuleAlone
      ? ({ ending: ".mts", imported: imported === ".ts" ? ".mts" : ".mjs" } as const)
      : ({ ending: ".ts", imported } as const);
  return {
    value: { name: "TypeScript", format, ...files, ...(importsByRequire ? { importsByRequire } : {}) },
    reason: reason.filter(Boolean).join(", "),
  };
}

function typeOf(path: string, { manifest }: Project): string {
  if (/\.m[jt]s$/.test(path)) return "module";
  if (/\.c[jt]s$/.test(path)) return "commonjs";
  return manifest?.type ?? "commonjs";
}

function saysType(type: string): string {
  return type === "module" ? 'ES modules ("type": "module")' : "CommonJS";
}

function formatOf({ module = "" }: CompilerOptions, type: string, project: Project): Language["format"] {
  const kind = module.toLowerCase();
  if (kind === "commonjs") return "commonjs";
  if (!/^node/.test(kind) || type === "module") return "esm";
  const version = typeScriptVersion(project);
  if (/^(nodenext|node20)$/.test(kind) && (version === undefined || version >= 5.08)) return "commonjs";
  const change =
    kind === "nodenext"
      ? "TypeScript 5.8 or newer"
      : '"module": "nodenext" in tsconfig.json, and TypeScript 5.8 or newer';
  throw new CommandRefused(
    `This project is compiled to CommonJS by rules that cannot load an ES module. Keyturn is one. What helps is ${change}, or "type": "module" in package.json. Nothing was written`,
  );
}

/** 5.08 for 5.8, so that 5.10 is more. */
function typeScriptVersion(project: Project): number | undefined {
  const installed = readText(join(project.cwd, "node_modules/typescript/package.json"));
  const range = { ...dependenciesOf(project.rootManifest), ...dependenciesOf(project.manifest) }[
    "typescript"
  ];
  const version = installed === undefined ? range : /"version":\s*"([^"]+)"/.exec(installed)?.[1];
  if (majorOfRange(version) === undefined) return undefined;
  const [, major = 0, minor = 0] = /(\d+)(?:\.(\d+))?/.exec(version ?? "") ?? [];
  return Number(major) + Number(minor) / 100;
}

/** The same with the ending of a configuration that is there already, whatever a new one would be called. */
export function languageFor(path: string, language: Language): Language {
  const [ending = ""] = /\.[cm]?[jt]s$/.exec(path) ?? [];
  if (ending === language.ending) return language;
  const asWritten = language.imported === ".ts" || language.imported === ".mts";
  const imported =
    ending === ".mts" || ending === ".mjs"
      ? asWritten && ending === ".mts"
        ? ".mts"
        : ".mjs"
      : ending === ".ts" && asWritten
        ? ".ts"
        : language.imported === ""
          ? ""
          : ".js";
  return { ...language, imported };
}

/** As the entry file writes its own imports; else the ending that compilers, bundlers and Node all understand. */
function endingOfImports(
  options: CompilerOptions | undefined,
  entry: Syntax | undefined,
): Language["imported"] {
  const own = (entry ? importsOf(entry) : [])
    .map(({ from }) => from)
    .filter((from) => /^\.{1,2}\//.test(from));
  if (own.some((from) => /\.[cm]?js$/.test(from))) return ".js";
  if (own.some((from) => /\.[cm]?ts$/.test(from))) return ".ts";
  if (own.length > 0) return "";
  return options?.allowImportingTsExtensions ? ".ts" : ".js";
}
