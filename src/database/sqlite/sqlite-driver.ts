import type { SqliteDatabase } from "kysely";
import type { Result } from "../driver.js";
import { PackageMissing } from "../load-driver.js";

export type SqliteDriver = "better-sqlite3" | "node:sqlite";

/** The members of a SQLite library that are used, whichever it is. */
export interface SqliteConnection {
  prepare(text: string): SqliteStatement;
  exec(text: string): void;
  inTransaction(): boolean;
  close(): void;
  /** The same connection for Kysely's migrations. */
  readonly forKysely: SqliteDatabase;
}

export interface SqliteStatement {
  /** `isOneRow`: one row comes at most. */
  run(values: readonly unknown[], isOneRow: boolean): Result;
}

/** Opens a file with the driver that is asked for, or with the one that is there. */
export async function openSqlite(file: string, driver?: SqliteDriver): Promise<SqliteConnection> {
  if (driver === "better-sqlite3") return openBetterSqlite(file);
  if (driver === "node:sqlite") return openNodeSqlite(file);
  try {
    return await openBetterSqlite(file);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  try {
    return await openNodeSqlite(file);
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new PackageMissing(
      "SQLite needs the package better-sqlite3, or Node 22.13 or newer. Install it with: npm install better-sqlite3",
      { cause: error },
    );
  }
}

// Migrations read what is there, then write. The lock has to be taken before they read, or two servers that start at the same moment
// both find nothing and both create the tables.
const locking = (text: string): string => (text === "begin" ? "begin immediate" : text);

const noRows: readonly (readonly unknown[])[] = [];

async function openBetterSqlite(file: string): Promise<SqliteConnection> {
  const { default: BetterSqlite } = await import("better-sqlite3");
  const database = new BetterSqlite(file);
  return {
    prepare(text) {
      const statement = database.prepare<[readonly unknown[]], readonly unknown[]>(text);
      if (statement.reader) {
        statement.raw(true);
        return {
          run: (values, isOneRow) => ({
            rows: isOneRow ? toRows(statement.get(values)) : statement.all(values),
            changes: 0,
          }),
        };
      }
      return { run: (values) => ({ rows: noRows, changes: statement.run(values).changes }) };
    },
    exec: (text) => void database.exec(text),
    inTransaction: () => database.inTransaction,
    close: () => void database.close(),
    forKysely: {
      close: () => void database.close(),
      prepare(text) {
        const statement = database.prepare<[readonly unknown[]], unknown>(locking(text));
        return {
          reader: statement.reader,
          all: (values) => statement.all(values),
          run: (values) => statement.run(values),
          iterate: (values) => statement.iterate(values),
        };
      },
    },
  };
}

/** The members of `node:sqlite` that are used. Node 20 does not have the module, and so its types do not either. */
interface NodeSqlite {
  readonly DatabaseSync: new (
    file: string,
  ) => {
    prepare(text: string): NodeStatement;
    exec(text: string): void;
    close(): void;
    /** From Node 22.16. */
    readonly isTransaction?: boolean;
  };
}

interface NodeStatement {
  all(...values: readonly unknown[]): unknown[];
  get(...values: readonly unknown[]): unknown;
  run(...values: readonly unknown[]): {
    readonly changes: number | bigint;
    readonly lastInsertRowid: number | bigint;
  };
  iterate(...values: readonly unknown[]): IterableIterator<unknown>;
}

async function openNodeSqlite(file: string): Promise<SqliteConnection> {
  const name: string = "node:sqlite";
  const { DatabaseSync }: NodeSqlite = await import(name);
  const database = new DatabaseSync(file);
  let open = false;
  return {
    prepare(text) {
      const statement = database.prepare(text);
      if (isReader(text)) {
        // Selected columns have names of their own, so the values of a row stand in the order of its columns.
        return {
          run: (values, isOneRow) => {
            const rows = isOneRow ? toRows(statement.get(...values)) : statement.all(...values);
            return { rows: rows.map((row) => Object.values(Object(row))), changes: 0 };
          },
        };
      }
      return { run: (values) => ({ rows: noRows, changes: Number(statement.run(...values).changes) }) };
    },
    exec(text) {
      database.exec(text);
      if (/^begin/.test(text)) open = true;
      if (/^(commit|rollback)/.test(text)) open = false;
    },
    inTransaction: () => database.isTransaction ?? open,
    close: () => database.close(),
    forKysely: {
      close: () => database.close(),
      prepare(text) {
        const statement = database.prepare(locking(text));
        return {
          reader: isReader(text),
          all: (values) => statement.all(...values),
          run: (values) => statement.run(...values),
          iterate: (values) => statement.iterate(...values),
        };
      },
    },
  };
}

function toRows<Row>(row: Row | undefined): readonly Row[] {
  return row === undefined ? [] : [row];
}

function isReader(text: string): boolean {
  return /^\s*(select|with|pragma)\b/i.test(text) || /\breturning\b/i.test(text);
}

function isMissing(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return (
    code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND" || code === "ERR_UNKNOWN_BUILTIN_MODULE"
  );
}

/** Whether better-sqlite3 is there and its addon is not, or is one for another version of Node. */
export function isNotBuilt(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ("code" in error && error.code === "ERR_DLOPEN_FAILED") || /bindings file/.test(error.message);
}
