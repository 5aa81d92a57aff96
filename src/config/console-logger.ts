import { inspect } from "node:util";
import type { Logger } from "../logger.js";

/** The members of `console` that are used. */
export type ConsoleLike = Pick<Console, "info" | "warn" | "error">;

/**
 * A logger that writes to the console. Every entry begins in the first column, and its further lines are indented. So text that comes from
 * a request, such as a line break in an error's message, cannot look like an entry of its own (CWE-117).
 */
export function createConsoleLogger(output: ConsoleLike = console): Logger {
  return {
    info: (details, message) => output.info(entryOf(details, message)),
    warn: (details, message) => output.warn(entryOf(details, message)),
    error: (details, message) => output.error(entryOf(details, message)),
  };
}

function entryOf(details: object, message: string): string {
  const isEmpty = Object.keys(details).length === 0;
  const text = isEmpty ? message : `${message} ${inspect(details)}`;
  return text
    .split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/)
    .map(escapeControls)
    .join("\n    ");
}

/** Control characters could move the cursor of a terminal and overwrite other entries. */
function escapeControls(line: string): string {
  return line.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what has to go
    /[\u0000-\u0008\u000e-\u001f\u007f-\u009f]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}
