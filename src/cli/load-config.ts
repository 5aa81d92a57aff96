import { existsSync, readFileSync } from "node:fs";
import { extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Auth } from "../auth.js";
import type { AuthConfig } from "../config/config.js";
import { ConfigError } from "../errors.js";
import { internals } from "../internals.js";
import { configFiles } from "./config-files.js";
import { entryFiles } from "./manifest.js";
import { requirePackages } from "./packages.js";
import { findAliases, withTsconfig } from "./path-aliases.js";
import { withoutMark } from "./text-file.js";

/** A configuration as a file has it: `database` may be a URL, and what `serve` knows by itself may be missing. */
export type FileConfig = Omit<Partial<AuthConfig>, "database"> & {
  readonly database?: AuthConfig["database"] | string;
};

/**
 * Reads a configuration file: .js, .mjs, .ts (the object, or what `createAuth` made of it, as default export or as `auth` or
 * `config`) or .json. It may import `keyturn` wherever it is. Of `keyturn.config.js` it reads what `findConfig` finds. Throws a ConfigError
 * that names the file. Aliases are those of `tsconfig`, or of the file that the app's compiler reads.
 */
export async function loadConfig(file: string, tsconfig?: string): Promise<FileConfig> {
  const found = findConfig(file);
  const path = resolve(found);
  if (!existsSync(path)) {
    const others = configFiles.slice(1).join(", ");
    const looked =
      found === configFiles[0] ? `, and none of ${others} (an auth file counts if it imports keyturn)` : "";
    throw new ConfigError([`There is no file ${path}${looked}. Name another with --config FILE`]);
  }
  if (extname(path) === ".json") return fromValue(path, parseJson(path));
  return fromValue(path, fromModule(path, await importModule(path, tsconfig)));
}

/**
 * The file that is read for a name: in place of a `keyturn.config.js` that is not there the first of the other names. A file called `auth`
 * may be another library's: ours imports keyturn.
 */
export function findConfig(file: string): string {
  if (file !== configFiles[0]) return file;
  const found = configFiles.find(
    (name) =>
      existsSync(name) && (!/(^|\/)auth\./.test(name) || /["']keyturn["']/.test(readFileSync(name, "utf8"))),
  );
  return found ?? file;
}

async function importModule(path: string, tsconfig: string | undefined): Promise<Record<string, unknown>> {
  const aliases = findAliases(path, tsconfig);
  try {
    return await importFrom(path, aliases);
  } catch (error) {
    const missing = missingAlias(error);
    if (missing === undefined) throw error;
    const looked = aliases === undefined ? "" : ` and not by the paths of ${aliases}`;
    throw new ConfigError([
      `${missing.from ?? path} imports "${missing.name}", which was not found: not as a package${looked}. If it is an alias, name the file that has it in compilerOptions.paths with --tsconfig FILE`,
    ]);
  }
}

async function importFrom(path: string, aliases: string | undefined): Promise<Record<string, unknown>> {
  if (/\.[cm]?ts$/.test(path)) return importWithJiti(path, aliases, `The TypeScript file ${path}`);
  try {
    return await import(pathToFileURL(path).href);
  } catch (error) {
    // Nothing has run yet: imports are found before the first of the modules is.
    if (isMissingKeyturn(error))
      return importWithJiti(
        path,
        aliases,
        `${path} imports keyturn from outside of a project that has it, which`,
      );
    if (aliases === undefined || missingAlias(error) === undefined) throw error;
    return importWithJiti(path, aliases, `${path} imports by the paths of ${aliases}, which`);
  }
}

/** jiti compiles TypeScript, finds this package for a file that lies outside of every project, and knows aliases. */
async function importWithJiti(
  path: string,
  aliases: string | undefined,
  who: string,
): Promise<Record<string, unknown>> {
  await requirePackages(who, ["jiti"]);
  const { createJiti } = await import("jiti");
  return withTsconfig(aliases, (tsconfig) => {
    const alias = { ...entryFiles() };
    const jiti = createJiti(import.meta.url, {
      alias,
      interopDefault: false,
      tsconfigPaths: tsconfig ?? false,
    });
    return jiti.import<Record<string, unknown>>(path);
  });
}

function isMissingKeyturn(error: unknown): boolean {
  return isMissing(error) && /'keyturn/.test(error.message);
}

function isMissing(error: unknown): error is Error & { readonly requireStack?: unknown } {
  return (
    error instanceof Error &&
    "code" in error &&
    (error.code === "ERR_MODULE_NOT_FOUND" || error.code === "MODULE_NOT_FOUND")
  );
}

/** What could not be found, if it is neither a path nor a module of Node: a package, or an alias. */
function missingAlias(
  error: unknown,
): { readonly name: string; readonly from: string | undefined } | undefined {
  if (!isMissing(error)) return undefined;
  const [, name, importer] =
    /^Cannot find (?:module|package) '([^'./\\][^':\\]*)'(?: imported from (.+))?/.exec(error.message) ?? [];
  if (name === undefined) return undefined;
  const [first]: readonly unknown[] = Array.isArray(error.requireStack) ? error.requireStack : [];
  return { name, from: importer ?? (typeof first === "string" ? first : undefined) };
}

function fromModule(path: string, module: Record<string, unknown>): unknown {
  const value = module["default"] ?? module["auth"] ?? module["config"];
  if (value === undefined)
    throw new ConfigError([
      `${path} exports no configuration: export the object that createAuth takes as default`,
    ]);
  return value;
}

function fromValue(path: string, value: unknown): FileConfig {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ConfigError([`${path} has to give an object, the one that createAuth takes`]);
  }
  // What createAuth returned remembers what it was given.
  return (internals in value ? (value as Auth)[internals].config : value) as FileConfig;
}

function parseJson(path: string): unknown {
  try {
    return JSON.parse(withoutMark(readFileSync(path, "utf8")));
  } catch (cause) {
    throw new ConfigError([`${path} is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`]);
  }
}
