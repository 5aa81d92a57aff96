import type { Kysely, RawBuilder } from "kysely";
import type { FieldType, Model } from "../accounts/models.js";
import type { AccountId, AccountShape } from "./schema/account-shape.js";
import type { DdlEngine } from "./schema/ddl-engine.js";
import type { Schema } from "./schema/schema.js";

/** A statement with its values, ready to run. */
export interface BoundQuery {
  readonly sql: string;
  readonly values: readonly unknown[];
  /** Whether one row comes at most: some drivers read it faster. */
  readonly isOneRow?: boolean;
}

/** Rows come as arrays, in the order of the selected columns: cheaper than objects on every driver. */
export interface Result {
  readonly rows: readonly (readonly unknown[])[];
  /** Rows written. */
  readonly changes: number;
}

/** One step of a transaction. `required`: if it writes nothing, nothing of the transaction happens. */
export interface Step {
  readonly query: BoundQuery;
  readonly required?: boolean;
}

/** What a database driver has to do for the store: the few members it uses, so that each engine is one small file. */
export interface SqlExecutor {
  /** Builds statements, and runs the migrations. */
  readonly kysely: Kysely<Schema>;
  readonly dialect: Dialect;
  /** What the models' tables are, since the migration looked at them. */
  readonly accountShapes: Map<Model, AccountShape>;
  /** The clock that statements are given, unix milliseconds. */
  readonly now: () => number;
  run(query: BoundQuery): Promise<Result>;
  /** Runs a select where everything is seen that was committed anywhere before: slower than `run`. */
  runUpToDate(query: BoundQuery): Promise<Result>;
  /** All steps or none. `undefined` when a required step wrote nothing. Throws `UniqueViolation` as `run` does. */
  atomically(steps: readonly Step[]): Promise<readonly Result[] | undefined>;
  close(): Promise<void>;
}

/** Where the engines differ, as data. */
export interface Dialect {
  readonly name: "sqlite" | "postgres" | "mysql";
  /** Column types of our own tables. */
  readonly types: {
    /** Unix milliseconds. */
    readonly time: RawBuilder<unknown>;
    /** A moment in an accounts table, as its owner would write it. */
    readonly moment: RawBuilder<unknown>;
    /** Text of at most so many characters that is compared by its bytes. */
    text(length: number): RawBuilder<unknown>;
    readonly longText: RawBuilder<unknown>;
    field(type: FieldType, maxLength: number): RawBuilder<unknown>;
  };
  /** Stands behind `create table` of the sessions. */
  readonly sessionTableOptions: RawBuilder<unknown> | undefined;
  /** Whether an update can join the account and return its row (`update … from … returning`): then a rotation is one statement. */
  readonly joinsInUpdates: boolean;
  /** Ends a select whose rows nobody else may change until the transaction is over; nothing where a transaction is alone anyway. */
  readonly forUpdate: RawBuilder<unknown> | undefined;
  /** The accounts' id from the text that sessions and tickets keep, so that the table's primary key is used. */
  accountIdFrom(text: RawBuilder<unknown>, id: AccountId): RawBuilder<unknown>;
  /** The text that sessions and identities keep, from the accounts' id. */
  accountIdToText(id: RawBuilder<unknown>): RawBuilder<string>;
  /** Whether a column has a text in it, whatever the case of its letters; no character of it stands for others. */
  contains(column: RawBuilder<unknown>, text: string): RawBuilder<boolean>;
  /** The database's clock, unix milliseconds, in a statement. `given`: the value of the engine's `now`. */
  now(given: RawBuilder<number>): RawBuilder<number>;
  momentToDatabase(ms: number): string;
  /** Whether the database takes no writes, in a statement: `0`, `off` or `false` if it does. */
  readonly readOnly: RawBuilder<unknown>;
  /** Tables, their types, and how they change. */
  readonly ddl: DdlEngine;
}
