import { settingsFromEnvironment, variableOf } from "../config/environment.js";
import { settingLooks, settingNames } from "../config/resolve.js";
import { internals } from "../internals.js";
import { createConfiguredAuth } from "./configured-auth.js";
import type { OpenedConfig } from "./open-config.js";

/** A setting as it is in force, and where that was said. */
export interface ReportedSetting {
  readonly name: string;
  readonly value: string;
  /** `default`, the configuration file, or a variable with the file that it is from. */
  readonly origin: string;
}

const hidden = "(hidden)";

/** Every setting with its value and its origin. Secrets are not shown. Throws a ConfigError. */
export async function reportSettings(opened: OpenedConfig): Promise<readonly ReportedSetting[]> {
  const { config, environment } = opened;
  const settings: Readonly<Record<string, unknown>> = {
    ...(await createConfiguredAuth(config, environment))[internals].settings,
  };
  const database = environment["DATABASE_URL"] ?? config.database;
  return settingNames
    .map((name) => ({
      name,
      value: name === "database" ? sayDatabase(database) : sayValue(name, settings[name]),
      origin: originOf(name, opened),
    }))
    .toSorted((one, other) => one.name.localeCompare(other.name, "en"));
}

/** The same as a table. */
export function saySettings(settings: readonly ReportedSetting[]): string {
  const all = [{ name: "setting", value: "value", origin: "origin" }, ...settings];
  const [name, value] = (["name", "value"] as const).map((key) =>
    Math.min(Math.max(...all.map((one) => one[key].length)), 60),
  );
  return all
    .map((one) => `${one.name.padEnd(name ?? 0)}  ${one.value.padEnd(value ?? 0)}  ${one.origin}`)
    .join("\n");
}

function originOf(name: string, { config, environment, file, fileOf }: OpenedConfig): string {
  const variable = name === "database" ? "DATABASE_URL" : variableOf(name);
  const isSet =
    name === "database"
      ? environment[variable] !== undefined
      : Object.hasOwn(settingsFromEnvironment(environment), name);
  if (isSet) return fileOf.has(variable) ? `${variable} (${fileOf.get(variable)})` : variable;
  const given: Readonly<Record<string, unknown>> = { ...config };
  if (given[name] !== undefined) return file;
  if (name === "baseUrl" && environment["PORT"] !== undefined) return "PORT";
  if (name === "environment" && environment["NODE_ENV"] !== undefined) return "NODE_ENV";
  return "default";
}

function sayDatabase(database: unknown): string {
  if (typeof database !== "string") return "(a database)";
  if (!URL.canParse(database)) return database;
  const url = new URL(database);
  if (url.password !== "") url.password = "hidden";
  // Drivers take secrets as parameters too.
  for (const key of [...url.searchParams.keys()]) if (isSecretName(key)) url.searchParams.set(key, "hidden");
  return url.href;
}

function sayValue(name: string, value: unknown): string {
  const look = settingLooks.get(name);
  if (look === "secret") return Array.isArray(value) ? `(${value.length}, hidden)` : hidden;
  if (look === "duration" && typeof value === "number") return sayDuration(value);
  if (name === "providers") return Object.keys(value ?? {}).join(", ") || "(none)";
  if (value === undefined || value === null) return "(none)";
  if (typeof value === "string") return withoutCredentials(value);
  return isPlain(value) ? JSON.stringify(value, replace) : sayPart(value);
}

/** What JSON cannot say, and what nobody should read. */
function replace(key: string, value: unknown): unknown {
  if (typeof value === "string") return isSecretName(key) ? hidden : withoutCredentials(value);
  return isPlain(value) ? value : sayPart(value);
}

function sayPart(value: unknown): string {
  if (typeof value === "function") return "(a function)";
  return `(${(value as object).constructor?.name ?? "an object"})`;
}

function isPlain(value: unknown): boolean {
  if (typeof value === "function") return false;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return true;
  return [Object.prototype, null].includes(Object.getPrototypeOf(value));
}

function isSecretName(name: string): boolean {
  return /secret|password|passwd|private_?key/i.test(name);
}

/** Of an address with a name and a password in it, such as a proxy's. */
function withoutCredentials(text: string): string {
  return text.replace(/(:\/\/)[^/@\s]*@/g, "$1hidden@");
}

const units = [
  ["w", 604_800_000],
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
] as const;

/** As a configuration says it. */
function sayDuration(ms: number): string {
  const unit = ms === 0 ? undefined : units.find(([, length]) => ms % length === 0);
  return unit ? `${ms / unit[1]}${unit[0]}` : ms === 0 ? "0s" : `${ms}ms`;
}
