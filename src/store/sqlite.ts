import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { Kysely, type Dialect as KyselyDialect, SqliteAdapter, SqliteDialect, sql } from "kysely";
import type { Database } from "../core/store.js";
import {
  type BoundQuery,
  type Dialect,
  type Engine,
  type Result,
  type Step,
  UniqueViolation,
} from "./engine.js";
import type { Schema } from "./schema.js";
import { createSqlStore } from "./sql-store.js";
import {
  openSqlite,
  type SqliteConnection,
  type SqliteDriver,
  type SqliteStatement,
} from "./sqlite-driver.js";

export type { SqliteDriver } from "./sqlite-driver.js";

export interface SqliteOptions {
  /** `"better-sqlite3"` (the package) or `"node:sqlite"` (built into Node from 22.13). Default: the package where it is installed. */
  readonly driver?: SqliteDriver;
  /** How long to wait for another process that writes, milliseconds. Default 5000. */
  readonly busyTimeout?: number;
}

/** A SQLite database in a file, or in memory (`":memory:"`, for tests). The folder of the file is made where it is missing. */
export function sqlite(file: string, options: SqliteOptions = {}): Database {
  if (typeof file !== "string" || file === "")
    throw new TypeError('sqlite() takes the name of a file, such as "app.db", or ":memory:"');
  return {
    async connect({ models, now = Date.now }) {
      if (file !== ":memory:") mkdirSync(dirname(file), { recursive: true });
      const connection = await openSqlite(file, options.driver);
      connection.exec(`pragma busy_timeout = ${Math.floor(options.busyTimeout ?? 5000)}`);
      // Readers do not wait for a writer. NORMAL: a crash of the process loses nothing; one of the machine may lose the last moments.
      connection.exec("pragma journal_mode = wal");
      connection.exec("pragma synchronous = normal");
      connection.exec("pragma foreign_keys = on");
      return createSqlStore(sqliteEngine(connection, now), models);
    },
  };
}

const moment = sql`text`;

export const sqliteDialect: Dialect = {
  name: "sqlite",
  types: {
    // Never gives the number of a deleted account to a new one.
    accountId: sql`integer primary key autoincrement`,
    time: sql`integer`,
    moment,
    text: () => sql`text`,
    longText: sql`text`,
    field: (type) => (type === "string" ? sql`text` : type === "number" ? sql`real` : sql`integer`),
  },
  // One look-up by primary key instead of two.
  sessionTableOptions: sql`without rowid`,
  // RETURNING cannot name the joined table's columns.
  joinsInUpdates: false,
  forUpdate: undefined,
  accountIdFrom: (text) => sql`cast(${text} as integer)`,
  accountIdToText: (id) => sql`cast(${id} as text)`,
  now: (given) => given,
  momentToDatabase: (ms) => new Date(ms).toISOString(),
  momentFromDatabase: String,
  fieldToDatabase: (type, value) => (type === "boolean" ? Number(value) : value),
  fieldFromDatabase: (type, value) => (type === "boolean" ? value !== 0 : value),
};

/** SQLite answers at once, so each step here is done before anything else runs in this process: a transaction never waits. */
export function sqliteEngine(connection: SqliteConnection, now: () => number): Engine {
  const prepared = new Map<string, SqliteStatement>();
  const runNow = ({ sql: text, values }: BoundQuery): Result => {
    let statement = prepared.get(text);
    if (!statement) {
      statement = connection.prepare(text);
      prepared.set(text, statement);
    }
    try {
      return statement.run(values);
    } catch (error) {
      throw isUniqueViolation(error)
        ? new UniqueViolation("A unique index refused the row", { cause: error })
        : error;
    }
  };
  const atomicallyNow = (steps: readonly Step[]): readonly Result[] | undefined => {
    connection.exec("begin immediate");
    try {
      const results: Result[] = [];
      for (const { query, required } of steps) {
        const result = runNow(query);
        if (required && result.changes === 0) {
          connection.exec("rollback");
          return undefined;
        }
        results.push(result);
      }
      connection.exec("commit");
      return results;
    } catch (error) {
      if (connection.inTransaction()) connection.exec("rollback");
      throw error;
    }
  };
  return {
    kysely: new Kysely<Schema>({ dialect: kyselyDialect(connection) }),
    dialect: sqliteDialect,
    now,
    run: async (query) => runNow(query),
    atomically: async (steps) => atomicallyNow(steps),
    close: async () => connection.close(),
  };
}

// Kysely migrates SQLite without a transaction: a process that was killed in between would leave half of the tables, and two that
// start at the same moment would both create them.
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

function kyselyDialect({ forKysely }: SqliteConnection): KyselyDialect {
  const dialect = new SqliteDialect({ database: forKysely });
  return {
    createAdapter: () => new TransactionalAdapter(),
    createDriver: () => dialect.createDriver(),
    createIntrospector: (db) => dialect.createIntrospector(db),
    createQueryCompiler: () => dialect.createQueryCompiler(),
  };
}

function isUniqueViolation(error: unknown): boolean {
  return error instanceof Error && /UNIQUE constraint failed|PRIMARY KEY/.test(error.message);
}
