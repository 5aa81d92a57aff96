import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Kysely, SqliteDialect, sql } from "kysely";
import { AuthError } from "../../errors.js";
import { eachInBothCases } from "../both-cases.js";
import { DatabaseNotOpened } from "../database-error.js";
import type { BoundQuery, Dialect, Result, SqlExecutor, Step } from "../driver.js";
import { PackageMissing } from "../load-driver.js";
import type { Database } from "../port.js";
import type { Schema } from "../schema/schema.js";
import { createSqlStore } from "../sql-store.js";
import { sqliteDdl } from "./ddl.js";
import { failureOf, refusal } from "./errors.js";
import { hideFromPlanner } from "./planner.js";
import {
  isNotBuilt,
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

/**
 * A SQLite database in a file, or in memory (`":memory:"`, for tests). The folder of the file is made where it is missing, if the one
 * above it is there.
 *
 * @example
 * createAuth({ database: sqlite("app.db"), … })
 */
export function sqlite(file: string, options: SqliteOptions = {}): Database {
  if (typeof file !== "string" || file === "")
    throw new TypeError('sqlite() takes the name of a file, such as "app.db", or ":memory:"');
  return {
    async connect({ models, now = Date.now, lookOnly = false }) {
      const busyTimeout = Math.floor(options.busyTimeout ?? 5000);
      if (lookOnly) {
        const connection = await openSqlite(existsSync(file) ? file : ":memory:", options.driver);
        connection.exec(`pragma busy_timeout = ${busyTimeout}`);
        return createSqlStore(sqliteExecutor(connection, now), models);
      }
      const connection = await openFile(file, options.driver);
      connection.exec(`pragma busy_timeout = ${busyTimeout}`);
      await keepWriteAheadLog(connection, busyTimeout);
      // A crash of the process loses nothing; one of the machine may lose the last moments.
      connection.exec("pragma synchronous = normal");
      connection.exec("pragma foreign_keys = on");
      return createSqlStore(sqliteExecutor(connection, now, busyTimeout), models);
    },
  };
}

async function openFile(file: string, driver: SqliteDriver | undefined): Promise<SqliteConnection> {
  try {
    // The folder itself, and no more: a path with a slip in it is not to become a tree of new folders.
    if (file !== ":memory:" && !existsSync(dirname(file))) mkdirSync(dirname(file));
    return await openSqlite(file, driver);
  } catch (cause) {
    if (cause instanceof PackageMissing) throw cause;
    const [line = ""] = (cause instanceof Error ? cause.message : String(cause)).split("\n");
    const reason = line.replace(/(\. Tried)?[.:]$/, "");
    if (isNotBuilt(cause))
      throw new DatabaseNotOpened(
        `better-sqlite3 is not built for this version of Node: ${reason}. Build it with: npm rebuild better-sqlite3`,
        { cause },
      );
    throw new DatabaseNotOpened(
      `SQLite cannot open "${file}": ${reason}. Its folder has to be there, or the one above it, and be writable`,
      { cause },
    );
  }
}

/**
 * With a write-ahead log readers do not wait for a writer. SQLite does not wait for another process before it changes to one, whatever
 * its busy timeout, so it is tried again here.
 */
async function keepWriteAheadLog(connection: SqliteConnection, busyTimeout: number): Promise<void> {
  const until = performance.now() + busyTimeout;
  for (;;) {
    try {
      return connection.exec("pragma journal_mode = wal");
    } catch (error) {
      if (failureOf(error) !== "passing" || performance.now() >= until) throw error;
    }
    await sleep(1 + Math.random() * 20);
  }
}

const moment = sql`text`;

export const sqliteDialect: Dialect = {
  name: "sqlite",
  types: {
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
  // The column's affinity makes a number of the text where the ids are numbers (https://www.sqlite.org/datatype3.html §4.2).
  accountIdFrom: (text) => text,
  accountIdToText: (id) => sql<string>`cast(${id} as text)`,
  // Not `like` or `lower`, which know the letters of ASCII only.
  contains: (column, text) => sql<boolean>`${column} glob ${`*${eachInBothCases(text, inGlob)}*`}`,
  now: (given) => given,
  momentToDatabase: (ms) => new Date(ms).toISOString(),
  readOnly: sql`(select query_only from pragma_query_only)`,
  ddl: sqliteDdl,
};

function inGlob(cases: readonly string[]): string {
  const [one = ""] = cases;
  return cases.length > 1 || "*?[".includes(one) ? `[${cases.join("")}]` : one;
}

/** Milliseconds that SQLite itself waits for another writer. Nothing else runs in this process meanwhile. */
const blockingWait = 5;

/**
 * SQLite responds at once, so each step here is done before anything else runs in this process: a transaction never waits.
 * `busyTimeout`: milliseconds in which something that another process holds up is tried again; others are served meanwhile.
 */
export function sqliteExecutor(
  connection: SqliteConnection,
  now: () => number,
  busyTimeout = 5000,
): SqlExecutor {
  const prepared = new Map<string, SqliteStatement>();
  // Migrations are behind by the time of the first statement: they wait in one piece, and may, because nothing is served yet.
  let waitsShortly = false;
  const attempt = <T>(work: () => T): T => {
    if (!waitsShortly) {
      waitsShortly = true;
      connection.exec(`pragma busy_timeout = ${Math.min(blockingWait, busyTimeout)}`);
    }
    return work();
  };
  // Almost everything is answered at once, and then nothing is set up for the case that it is not.
  const trying = <T>(work: () => T): Promise<T> => {
    try {
      return Promise.resolve(attempt(work));
    } catch (error) {
      return tryingAgain(work, error);
    }
  };
  const tryingAgain = async <T>(work: () => T, first: unknown): Promise<T> => {
    const until = performance.now() + busyTimeout;
    for (let error = first; ; ) {
      const failure = failureOf(error);
      if (failure === undefined) throw error;
      if (failure === "unavailable" || performance.now() >= until)
        throw new AuthError("unavailable", { cause: error });
      await sleep(1 + Math.random() * 20);
      try {
        return attempt(work);
      } catch (again) {
        error = again;
      }
    }
  };
  const runNow = ({ sql: text, values, isOneRow = false }: BoundQuery): Result => {
    let statement = prepared.get(text);
    if (!statement) {
      statement = connection.prepare(hideFromPlanner(text));
      prepared.set(text, statement);
    }
    try {
      return statement.run(values, isOneRow);
    } catch (error) {
      throw refusal(error) ?? error;
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
      // After some failures, such as a full disk, SQLite has rolled back by itself.
      if (connection.inTransaction()) connection.exec("rollback");
      throw error;
    }
  };
  return {
    kysely: new Kysely<Schema>({ dialect: new SqliteDialect({ database: connection.forKysely }) }),
    dialect: sqliteDialect,
    accountShapes: new Map(),
    now,
    run: (query) => trying(() => runNow(query)),
    // There is one copy.
    runUpToDate: (query) => trying(() => runNow(query)),
    atomically: (steps) => trying(() => atomicallyNow(steps)),
    close: async () => connection.close(),
  };
}
