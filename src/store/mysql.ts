import { Kysely, MysqlDialect, sql } from "kysely";
import mysql2, { type Pool, type PoolConnection } from "mysql2";
import type { Database } from "../core/store.js";
import {
  type BoundQuery,
  type Dialect,
  type Engine,
  type Result,
  type Step,
  UniqueViolation,
} from "./engine.js";
import { retrying } from "./retrying.js";
import type { Schema } from "./schema.js";
import { createSqlStore } from "./sql-store.js";

export interface MysqlOptions {
  /** Connections of a pool that is made from a URL. Default 10. */
  readonly connections?: number;
}

/** A MySQL or MariaDB database: a URL, or the app's own `mysql2` pool (not the promise one; the app closes it). */
export function mysql(urlOrPool: string | Pool, options: MysqlOptions = {}): Database {
  if (typeof urlOrPool === "string" && !/^(mysql|mariadb):\/\//.test(urlOrPool)) {
    throw new TypeError('mysql() takes a URL, such as "mysql://user@localhost/app", or a mysql2 pool');
  }
  return {
    async connect({ models, now }) {
      const isOurs = typeof urlOrPool === "string";
      const pool = isOurs ? openPool(urlOrPool, options) : urlOrPool;
      return createSqlStore(mysqlEngine(pool, isOurs, now), models);
    },
  };
}

function openPool(url: string, { connections = 10 }: MysqlOptions): Pool {
  return mysql2.createPool({
    uri: url.replace(/^mariadb:/, "mysql:"),
    connectionLimit: connections,
    connectTimeout: 5000,
    charset: "utf8mb4",
  });
}

function mysqlDialect(ownClock: boolean): Dialect {
  return {
    name: "mysql",
    types: {
      accountId: sql`bigint auto_increment primary key`,
      time: sql`bigint`,
      moment: sql`datetime(3)`,
      // Compared by its bytes: two addresses that differ in an accent are two addresses.
      text: (length) => sql.raw(`varchar(${length}) character set utf8mb4 collate utf8mb4_bin`),
      longText: sql`text character set utf8mb4 collate utf8mb4_bin`,
      field: (type, maxLength) =>
        ({
          string: sql.raw(`varchar(${maxLength}) character set utf8mb4`),
          integer: sql`bigint`,
          number: sql`double`,
          boolean: sql`boolean`,
        })[type],
    },
    sessionTableOptions: undefined,
    joinsInUpdates: false,
    forUpdate: sql`for update`,
    accountIdFrom: (text) => sql`cast(${text} as signed)`,
    accountIdToText: (id) => sql`cast(${id} as char)`,
    now: (given) =>
      ownClock ? sql`cast(unix_timestamp(now(3)) * 1000 as signed)` : sql`cast(${given} as signed)`,
    // The database's zone does not matter: what is written is UTC, and read as UTC.
    momentToDatabase: (ms) => new Date(ms).toISOString().replace("T", " ").replace("Z", ""),
    momentFromDatabase: (value) => new Date(`${String(value).replace(" ", "T")}Z`).toISOString(),
    fieldToDatabase: (type, value) => (type === "boolean" ? Number(value) : value),
    fieldFromDatabase: (type, value) => (type === "boolean" ? Number(value) !== 0 : value),
  };
}

type Connection = Pool | PoolConnection;

function query(on: Connection, { sql: text, values }: BoundQuery): Promise<Result> {
  return new Promise((resolve, reject) => {
    const options = { sql: text, values: [...values], rowsAsArray: true, dateStrings: true };
    on.query(options, (error: unknown, answer: unknown) => {
      if (error !== null && error !== undefined)
        reject(
          isDuplicate(error)
            ? new UniqueViolation("A unique index refused the row", { cause: error })
            : error,
        );
      else if (Array.isArray(answer)) resolve({ rows: answer as unknown[][], changes: 0 });
      else resolve({ rows: [], changes: changesOf(answer) });
    });
  });
}

export function mysqlEngine(pool: Pool, isOurs: boolean, now?: () => number): Engine {
  const connect = (): Promise<PoolConnection> =>
    new Promise((resolve, reject) =>
      pool.getConnection((error, connection) => (error ? reject(error) : resolve(connection))),
    );
  const transaction = async (steps: readonly Step[]): Promise<readonly Result[] | undefined> => {
    const connection = await connect();
    const say = (text: string): Promise<Result> => query(connection, { sql: text, values: [] });
    let isBroken = false;
    try {
      // Each statement sees what was committed before it; and fewer gaps are locked, so fewer transactions meet in a deadlock.
      await say("set transaction isolation level read committed");
      await say("begin");
      const results: Result[] = [];
      for (const step of steps) {
        const result = await query(connection, step.query);
        if (step.required && result.changes === 0) {
          await say("rollback");
          return undefined;
        }
        results.push(result);
      }
      await say("commit");
      return results;
    } catch (error) {
      await say("rollback").catch(() => {
        isBroken = true;
      });
      throw error;
    } finally {
      // A connection that could not even roll back is not given to anyone else.
      if (isBroken) connection.destroy();
      else connection.release();
    }
  };
  return {
    kysely: new Kysely<Schema>({ dialect: new MysqlDialect({ pool }) }),
    dialect: mysqlDialect(now === undefined),
    now: now ?? Date.now,
    run: (bound) => retrying(() => query(pool, bound), isPassing),
    atomically: (steps) => retrying(() => transaction(steps), isPassing),
    close: () =>
      isOurs
        ? new Promise((resolve, reject) => pool.end((error) => (error ? reject(error) : resolve())))
        : Promise.resolve(),
  };
}

function changesOf(answer: unknown): number {
  return typeof answer === "object" && answer !== null && "affectedRows" in answer
    ? Number(answer.affectedRows)
    : 0;
}

function isDuplicate(error: unknown): boolean {
  return numberOf(error) === 1062;
}

/** Deadlock, or a wait for a lock that was too long: nothing was done, and the same may go well the next time. */
function isPassing(error: unknown): boolean {
  const number = numberOf(error);
  return number === 1213 || number === 1205;
}

function numberOf(error: unknown): unknown {
  return error instanceof Error && "errno" in error ? error.errno : undefined;
}
