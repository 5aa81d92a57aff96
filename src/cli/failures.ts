import { PackageMissing } from "../database/load-driver.js";
import { MigrationRefused } from "../database/schema/ddl.js";
import { ConfigError } from "../errors.js";

/** What a command does not do, in a sentence for whoever called it. */
export class CommandRefused extends Error {
  override readonly name = "CommandRefused";
}

/** Prints an error and ends the process with exit code 1. What the operator can correct is a sentence; a fault of the program has its stack. */
export function reportFailure(error: unknown): never {
  console.error(sentenceOf(error) ?? error);
  process.exit(1);
}

function sentenceOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("code" in error && error.code === "EADDRINUSE")
    return `${error.message}. Name another port, such as PORT=3001`;
  const isTheirs = [CommandRefused, ConfigError, MigrationRefused, PackageMissing, TypeError].some(
    (kind) => error instanceof kind,
  );
  return isTheirs ? error.message : undefined;
}
