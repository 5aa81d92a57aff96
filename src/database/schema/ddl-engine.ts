import type { RawBuilder } from "kysely";
import type { IdType } from "../../accounts/models.js";
import type { ColumnType } from "./column-type.js";

/** Where the engines differ in what tables there are and how they change, as data. Each engine's stands in its folder. */
export interface DdlEngine {
  /** Primary key of a new accounts table. */
  readonly id: Readonly<Record<IdType, RawBuilder<unknown>>>;
  /** What a new column of UUIDs is read as. */
  readonly uuid: "uuid" | "text";
  /** Whether a statement that fails in the middle leaves nothing behind. */
  readonly isTransactional: boolean;
  /** Returns 1 on the one server that may change tables; `undefined` where a transaction is alone anyway. */
  readonly lock: RawBuilder<{ taken: unknown }> | undefined;
  readonly unlock: RawBuilder<unknown> | undefined;
  /** How long a statement waits for another process, milliseconds, where that wait stops everything in this one. */
  readonly waiting:
    | { readonly read: RawBuilder<{ timeout: number }>; set(ms: number): RawBuilder<unknown> }
    | undefined;
  /** Whether a new column can have a value for the rows that are there, and null for later ones. */
  readonly dropsDefaults: boolean;
  /** Whether names are compared without regard to case. */
  readonly foldsTables: boolean;
  readonly foldsColumns: boolean;
  /** Codes of the errors that mean: another server did the same at this moment, so look again. */
  readonly races: readonly unknown[];
  /** Whether an error means that another server has the lock, where a transaction is alone anyway. */
  readonly isBusy?: (error: unknown) => boolean;
  /** Finds the tables' columns. */
  columns(tables: RawBuilder<unknown>): RawBuilder<ColumnRow>;
  /** Finds the tables' indexes. */
  indexes(tables: RawBuilder<unknown>): RawBuilder<IndexRow>;
  /** What the engine's names of types mean; the first that fits. What none of them fits is of no use for an account. */
  readonly types: readonly (readonly [name: RegExp, type: ColumnType])[];
  /** Names of the types that Keyturn gives its own columns, as `types` reads them. */
  readonly own: Readonly<Record<WantedType, string>>;
  /** How `change to …` calls a type that a column should have. */
  readonly wanted: Readonly<Record<WantedType, string>>;
  /** Selects a value of such a column in the form that is read; by default as it is. */
  readonly select: Partial<Record<ColumnType["is"], (column: RawBuilder<unknown>) => RawBuilder<unknown>>>;
  /** Writes a bit. */
  bit(value: boolean): unknown;
  /** Writes a moment, unix milliseconds, into a column whose text depends on the connection's time zone. */
  sessionMoment(ms: number): unknown;
  /** The condition that a moment that is not null is none, such as `0000-00-00`, where the engine has those. */
  readonly isNoMoment: ((column: RawBuilder<unknown>) => RawBuilder<boolean>) | undefined;
}

/** Types that a message can ask for. */
export type WantedType = "text" | "moment" | "integer" | "number" | "boolean";

export interface ColumnRow {
  readonly table: string;
  readonly is_view: unknown;
  readonly name: string;
  /** Lower case, without length; a domain's base type. */
  readonly type: string;
  /** As the engine writes it, with its length. */
  readonly full_type: string;
  /** Characters of a text; bytes where the engine counts those. */
  readonly length: unknown;
  /** Digits behind the point. */
  readonly scale: unknown;
  /** The texts of an enumeration, between lines. */
  readonly labels: string | null;
  readonly nullable: unknown;
  readonly has_default: unknown;
  /** Whether the database computes it, so that nobody can write it. */
  readonly is_generated: unknown;
  /** Whether every change of the row changes it too. */
  readonly is_touched: unknown;
  readonly charset: string | null;
  readonly collation: string | null;
  /** The engine of the table, if it knows no transactions. */
  readonly lax_engine: string | null;
}

/** One column of one index; `column` is null for an expression. */
export interface IndexRow {
  readonly table: string;
  readonly name: string;
  /** Whether it holds whole rows to be unique. */
  readonly is_unique: unknown;
  readonly column: string | null;
}
