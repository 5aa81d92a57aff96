import { DatabaseNotOpened } from "../database/database-error.js";
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

/** What an operator can correct, without a stack; `undefined` for a fault of the program. */
export function sentenceOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  // A name with two addresses fails at each of them, and the error around has no words.
  const [first] = error instanceof AggregateError ? error.errors : [];
  if (first !== undefined) return sentenceOf(first);
  if ("code" in error && error.code === "EADDRINUSE")
    return `${error.message}. Name another port, such as PORT=3001`;
  if (error instanceof AuthError) return sentencesOf(error);
  const outside = "code" in error ? sayOutside(String(error.code), error.message) : undefined;
  if (outside !== undefined) return outside;
  const isTheirs = [
    CommandRefused,
    ConfigError,
    DatabaseNotOpened,
    MigrationRefused,
    PackageMissing,
    TypeError,
  ].some((kind) => error instanceof kind);
  return isTheirs ? error.message : undefined;
}

const unreachable = /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|ETIMEDOUT|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/;
// SQLSTATE classes of a wrong name, password or database; MySQL's names of the same. Their messages say names only.
const refused = /^(28\w{3}|3D000|ER_(DB)?ACCESS_DENIED(_\w+)?|ER_BAD_DB_ERROR)$/;
const ofFiles = /^(EACCES|EPERM|EROFS|ENOSPC|EDQUOT|ENOTDIR|EISDIR)$/;

/** What lies outside of the program: a server that is away or refuses us, a folder that is read-only, a disk that is full. */
function sayOutside(code: string, message: string): string | undefined {
  if (unreachable.test(code)) return `A server cannot be reached: ${message}`;
  if (refused.test(code)) return `The database refuses the connection: ${message}`;
  return ofFiles.test(code) ? message : undefined;
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
