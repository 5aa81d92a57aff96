import { type RawBuilder, sql } from "kysely";

/** Reads a text column. */
export function textOrNull(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}

/** Cuts a time in milliseconds to whole seconds, in SQL. */
export function wholeSeconds(ms: RawBuilder<unknown>): RawBuilder<number> {
  return sql<number>`(${ms}) - (${ms}) % 1000`;
}
