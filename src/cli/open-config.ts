import { doWithoutSecrets } from "../config/secrets.js";
import { type ReadEnvironment, readEnvironment } from "./environment-files.js";
import { type FileConfig, findConfig, loadConfig } from "./load-config.js";

/** The options of every command that reads a configuration file. */
export interface ConfigOptions {
  readonly config: string;
  readonly envFile?: string;
  /** The file whose `paths` are the aliases of the configuration file. */
  readonly tsconfig?: string;
}

export interface OpenedConfig extends ReadEnvironment {
  readonly config: FileConfig;
  /** The file that it is from. */
  readonly file: string;
}

/**
 * Reads the environment files, says which on stderr, and loads the configuration file, which may read `process.env` itself.
 * `secrets`: whether the command uses those of providers and of mail; otherwise missing ones are no mistake.
 */
export async function openConfig(
  { config: asked, envFile, tsconfig }: ConfigOptions,
  secrets: "needed" | "not needed",
): Promise<OpenedConfig> {
  const read = readEnvironment(process.env, { envFile, folder: process.cwd() });
  if (read.files.length > 0) console.error(`Read ${read.files.join(" and ")}.`);
  for (const name of read.fileOf.keys()) process.env[name] = read.environment[name];
  if (secrets === "not needed") doWithoutSecrets();
  const file = findConfig(asked);
  return { ...read, file, config: await loadConfig(file, tsconfig) };
}
