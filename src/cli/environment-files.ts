import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Environment } from "./configured-auth.js";
import { CommandRefused } from "./failures.js";
import { readVariables } from "./text-file.js";

/** The environment of a command, with what files add to it. */
export interface ReadEnvironment {
  readonly environment: Environment;
  /** The files that were read, in the order in which they count. */
  readonly files: readonly string[];
  /** Which file a variable is from. Those of the process are not in it. */
  readonly fileOf: ReadonlyMap<string, string>;
}

/** As frameworks have it: what is closer to this machine counts more. */
const usualFiles = [".env.local", ".env"];

/**
 * Adds the variables of `.env.local` and then of `.env` in the folder to those of the process, which count first: in development only,
 * because production has an environment of its own. `envFile` is read instead of the two, and anywhere. Throws a CommandRefused if it
 * is not there.
 */
export function readEnvironment(
  process: Environment,
  { envFile, folder }: { readonly envFile?: string | undefined; readonly folder: string },
): ReadEnvironment {
  if (envFile !== undefined && !existsSync(resolve(folder, envFile)))
    throw new CommandRefused(`There is no file ${envFile}, which --env-file names.`);
  const stage = process["KEYTURN_ENVIRONMENT"] ?? process["NODE_ENV"] ?? "development";
  const usual = stage === "development" ? usualFiles.filter((file) => existsSync(resolve(folder, file))) : [];
  const files = envFile === undefined ? usual : [envFile];
  const environment: Record<string, string | undefined> = { ...process };
  const fileOf = new Map<string, string>();
  for (const file of files) {
    const text = readFileSync(resolve(folder, file), "utf8");
    for (const [name, value] of Object.entries(readVariables(text))) {
      if (environment[name] !== undefined) continue;
      environment[name] = value;
      fileOf.set(name, file);
    }
  }
  return { environment, files, fileOf };
}
