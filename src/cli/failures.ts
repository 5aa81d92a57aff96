import { PackageMissing } from "../database/load-driver.js";
import { MigrationRefused } from "../database/schema/ddl.js";
import { AuthError, ConfigError } from "../errors.js";
import { errorBody } from "../http/error-body.js";
import { english } from "../texts/language.js";

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
  if (error instanceof AuthError) return sentencesOf(error);
  const isTheirs = [CommandRefused, ConfigError, MigrationRefused, PackageMissing, TypeError].some(
    (kind) => error instanceof kind,
  );
  return isTheirs ? error.message : undefined;
}

/** What is wrong with the values, a line each. */
function sentencesOf(error: AuthError): string {
  const errors = errorBody(error, english)["errors"];
  const isList = typeof errors === "object" && errors !== null && "full_messages" in errors;
  const lines = isList ? errors.full_messages : errors;
  return Array.isArray(lines) ? lines.map((line) => oneSentence(String(line))).join("\n") : error.message;
}

function oneSentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
