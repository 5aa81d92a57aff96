import { type Auth, createAuth } from "../auth.js";
import type { AuthConfig } from "../config/config.js";
import { settingsFromEnvironment } from "../config/environment.js";
import { databaseFromUrl } from "../database/url.js";
import { ConfigError } from "../errors.js";
import type { FileConfig } from "./load-config.js";

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Creates the Auth of a configuration. `DATABASE_URL`, `PORT` (in the default base URL) and the settings in `KEYTURN_…` variables
 * override what the configuration says. Throws a ConfigError with all mistakes.
 */
export async function createConfiguredAuth(config: FileConfig, environment: Environment): Promise<Auth> {
  const { database, ...rest } = config;
  const given = environment["DATABASE_URL"] ?? database;
  if (given === undefined)
    throw new ConfigError(["database: is missing; name one in the configuration, or set DATABASE_URL"]);
  const complete = {
    baseUrl: `http://localhost:${portOf(environment)}`,
    ...rest,
    ...settingsFromEnvironment(environment),
    database: typeof given === "string" ? await databaseFromUrl(given) : given,
  };
  // What a file says is unknown until createAuth has checked it.
  return createAuth(complete as AuthConfig);
}

/** Whether `createAuth` will take this configuration for one of production. */
export function isProduction(config: FileConfig, environment: Environment): boolean {
  const asked = environment["KEYTURN_ENVIRONMENT"] ?? config.environment ?? environment["NODE_ENV"];
  return asked === "production";
}

/** The port to listen on: `PORT`, or 3000. */
export function portOf(environment: Environment): number {
  return readPort("PORT", environment["PORT"] ?? "3000");
}

/** The port for those who watch the server: `METRICS_PORT`. Without it there is none. */
export function metricsPortOf({ METRICS_PORT: text }: Environment): number | undefined {
  return text === undefined || text === "" ? undefined : readPort("METRICS_PORT", text);
}

function readPort(name: string, text: string): number {
  const port = Number(text);
  if (text.trim() !== "" && Number.isInteger(port) && port >= 0 && port < 65536) return port;
  throw new ConfigError([`${name}: "${text}" is not a port. It has to be a number from 0 to 65535`]);
}
