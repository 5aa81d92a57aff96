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

/** A configuration as a file has it: `database` may be a URL, and what `serve` knows by itself may be missing. */
export type FileConfig = Omit<Partial<AuthConfig>, "database"> & {
  readonly database?: AuthConfig["database"] | string;
};

/**
 * Reads a configuration file: .js, .mjs, .ts (the object, or what `createAuth` made of it, as default export or as `auth` or
 * `config`) or .json. It may import `keyturn` wherever it is. Of `keyturn.config.js` it reads what `findConfig` finds. Throws a ConfigError
 * that names the file.
 */
export async function loadConfig(file: string): Promise<FileConfig> {
  const found = findConfig(file);
  const path = resolve(found);
  if (!existsSync(path)) {
    const others = configFiles.slice(1).join(", ");
    const looked =
      found === configFiles[0] ? `, and none of ${others} (an auth file counts if it imports keyturn)` : "";
    throw new ConfigError([`There is no file ${path}${looked}. Name another with --config FILE`]);
  }
  if (extname(path) === ".json") return fromValue(path, parseJson(path));
  return fromValue(path, fromModule(path, await importModule(path)));
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

async function importModule(path: string): Promise<Record<string, unknown>> {
  if (/\.[cm]?ts$/.test(path)) return importWithJiti(path, `The TypeScript file ${path}`);
  try {
    return await import(pathToFileURL(path).href);
  } catch (error) {
    if (!isMissingKeyturn(error)) throw error;
    return importWithJiti(path, `${path} imports keyturn from outside of a project that has it, which`);
  }
}

/** jiti compiles TypeScript, and finds this package for a file that lies outside of every project. */
async function importWithJiti(path: string, who: string): Promise<Record<string, unknown>> {
  await requirePackages(who, ["jiti"]);
  const { createJiti } = await import("jiti");
  const jiti = createJiti(import.meta.url, { alias: { ...entryFiles() }, interopDefault: false });
  return jiti.import<Record<string, unknown>>(path);
}

function isMissingKeyturn(error: unknown): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    error.code === "ERR_MODULE_NOT_FOUND" &&
    /'keyturn/.test(error.message)
  );
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
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new ConfigError([`${path} is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`]);
  }
}
