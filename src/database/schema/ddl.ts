import type { Kysely } from "kysely";
import type { Dialect } from "../driver.js";
import type { PendingChange } from "../port.js";
import type { SeenTables } from "./ddl-tables.js";
import type { Schema } from "./schema.js";

/** Adds tables, columns and indexes; nothing of what is there is changed, dropped or renamed. */
export interface Migration {
  /** Under this name it is recorded. One that was released is never changed; the next one follows it. */
  readonly name: string;
  /** What of it is not there yet: a database without transactions may have been left half-way. */
  changes(kysely: Kysely<Schema>, dialect: Dialect, seen: SeenTables): readonly PendingChange[];
}

/** A table, or what the data would break: the database stays as it is, and the message says what to do. Never says what rows hold. */
export class MigrationRefused extends Error {
  override readonly name = "MigrationRefused";
}

/** The statement that a query of Kysely's stands for; it has no values. */
export function change(
  table: string,
  what: string,
  query: { compile(): { readonly sql: string } },
): PendingChange {
  return { table, what, statement: query.compile().sql.replace(/\s+/g, " ").trim() };
}
