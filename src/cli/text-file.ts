import { parseEnv } from "node:util";

/** Without the byte order mark that editors on Windows put in front: it is no part of what a file says. */
export function withoutMark(text: string): string {
  return text.replace(/^\ufeff/, "");
}

/** The variables of a `.env` file. */
export function readVariables(text: string): Readonly<Record<string, string | undefined>> {
  return parseEnv(withoutMark(text));
}
