import type { Command } from "commander";

/** The options by which a command is told its configuration and its environment. */
export function configOptions(command: Command): Command {
  return command
    .option("-c, --config <file>", "configuration file (.js, .mjs, .ts or .json)", "keyturn.config.js")
    .option("--env-file <file>", "read variables from this file; default in development: .env.local and .env")
    .option(
      "--tsconfig <file>",
      "the file whose paths are the aliases of the configuration file; default: the nearest",
    );
}
