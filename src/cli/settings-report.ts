import { variableOf } from "../config/environment.js";
import { settingLooks, settingNames } from "../config/resolve.js";
import { internals } from "../internals.js";
import { parseUrl } from "../parse-url.js";
import { createConfiguredAuth, type Environment } from "./configured-auth.js";
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
  const given: Readonly<Record<string, unknown>> = { ...config };
  return settingNames
    .toSorted((one, other) => one.localeCompare(other, "en"))
    .flatMap((name) => {
      if (name === "database") {
        const value = sayDatabase(environment["DATABASE_URL"] ?? config.database);
        return [{ name, value, origin: originOf(name, opened) }];
      }
      const variable = variableOrigin(name, opened);
      const parts = partsOf(name, settings[name], given[name]);
      return parts.map(({ place, value, isGiven }) => ({
        name: place,
        value: sayValue(name, place, value),
        origin: variable ?? (isGiven ? opened.file : defaultOrigin(name, environment)),
      }));
    });
}

interface Part {
  readonly place: string;
  readonly value: unknown;
  readonly isGiven: boolean;
}

/** What a setting says, place by place, as far as it is made of plain objects. */
function partsOf(place: string, value: unknown, given: unknown): readonly Part[] {
  const whole = [{ place, value, isGiven: given !== undefined }];
  // What a provider is made of is nobody's setting.
  if (!isObject(value) || Object.keys(value).length === 0 || place === "providers") return whole;
  return Object.entries(value).flatMap(([key, part]) =>
    partsOf(`${place}.${key}`, part, isObject(given) ? given[key] : undefined),
  );
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

function originOf(name: string, opened: OpenedConfig): string {
  return variableOrigin(name, opened) ?? opened.file;
}

/** The variable that a setting is from, if one is set, and the file that the variable is from. */
function variableOrigin(name: string, { environment, fileOf }: OpenedConfig): string | undefined {
  const variable = name === "database" ? "DATABASE_URL" : variableOf(name);
  if (environment[variable] === undefined) return undefined;
  return fileOf.has(variable) ? `${variable} (${fileOf.get(variable)})` : variable;
}

function defaultOrigin(name: string, environment: Environment): string {
  if (name === "baseUrl" && environment["PORT"] !== undefined) return "PORT";
  if (name === "environment" && environment["NODE_ENV"] !== undefined) return "NODE_ENV";
  return "default";
}

function sayDatabase(database: unknown): string {
  if (typeof database !== "string") return "(a database)";
  const url = parseUrl(database);
  if (!url) return database;
  if (url.password !== "") url.password = "hidden";
  // Drivers take secrets as parameters too.
  for (const key of [...url.searchParams.keys()]) if (isSecretName(key)) url.searchParams.set(key, "hidden");
  return url.href;
}

function sayValue(name: string, place: string, value: unknown): string {
  const look = settingLooks.get(name);
  if (look === "secret") return Array.isArray(value) ? `(${value.length}, hidden)` : hidden;
  if (look === "duration" && typeof value === "number") return sayDuration(value);
  if (name === "providers") return Object.keys(value ?? {}).join(", ") || "(none)";
  if (isSecretName(place)) return typeof value === "string" ? hidden : String(value);
  if (value === undefined || value === null) return "(none)";
  if (typeof value === "string") return withoutCredentials(value);
  if (typeof value === "function") return "(a function)";
  if (Array.isArray(value))
    return value.length === 0 ? "(none)" : value.map(String).map(withoutCredentials).join(", ");
  if (typeof value === "object") return isObject(value) ? "(none)" : `(${value.constructor.name})`;
  return String(value);
}

/** Whether it is an object as a configuration writes one, and nothing with a class of its own. */
function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return [Object.prototype, null].includes(Object.getPrototypeOf(value));
}

function isSecretName(name: string): boolean {
  return /secret|passw(or)?d$|private_?key/i.test(name);
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
