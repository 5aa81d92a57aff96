import { existsSync, readFileSync } from "node:fs";
import { extname, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { createJiti } from "jiti";
import type { AuthConfig } from "../config/config.js";
import { ConfigError } from "../errors.js";

/** A configuration as a file gives it: `database` may be a URL, and what `serve` knows itself may be missing. */
export type FileConfig = Omit<Partial<AuthConfig>, "database"> & {
  readonly database?: AuthConfig["database"] | string;
};

/**
 * Reads a configuration file: .js, .mjs, .ts (the object, or what `createAuth` made of it, as default export or as `auth` or
 * `config`) or .json. It may import `keyturn` wherever it lies. Throws a ConfigError that names the file.
 */
export async function loadConfig(file: string): Promise<FileConfig> {
  const path = resolve(file);
  if (!existsSync(path)) throw new ConfigError([`There is no file ${path}. Name another with --config FILE`]);
  if (extname(path) === ".json") return fromValue(path, parseJson(path));
  return fromValue(path, fromModule(path, await importModule(path)));
}

async function importModule(path: string): Promise<Record<string, unknown>> {
  if (extname(path) !== ".ts" && extname(path) !== ".mts") {
    try {
      return await import(pathToFileURL(path).href);
    } catch (error) {
      // A file outside of a project cannot import "keyturn" by itself.
      if (!isMissingModule(error)) throw error;
    }
  }
  const root = fileURLToPath(new URL("../", import.meta.url));
  const alias = Object.fromEntries(entries.map(([name, target]) => [name, `${root}${target}`]));
  return createJiti(import.meta.url, { alias, interopDefault: false }).import<Record<string, unknown>>(path);
}

const entries = [
  ["keyturn/sqlite", "store/sqlite.js"],
  ["keyturn/postgres", "store/postgres.js"],
  ["keyturn/mysql", "store/mysql.js"],
  ["keyturn/mail", "mail.js"],
  ["keyturn", "index.js"],
] as const;

function isMissingModule(error: unknown): boolean {
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
  // What createAuth answered remembers what it was given.
  return ("protect" in value && "config" in value ? value.config : value) as FileConfig;
}

function parseJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new ConfigError([`${path} is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`]);
  }
}
