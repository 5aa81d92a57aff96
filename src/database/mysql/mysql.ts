import { setTimeout as sleep } from "node:timers/promises";
import { CompiledQuery, Kysely, MysqlDialect, sql } from "kysely";
import type { Pool, PoolConnection } from "mysql2";
import type { BoundQuery, Dialect, Result, SqlExecutor } from "../driver.js";
import { guard } from "../guard.js";
import { retrying } from "../retrying.js";
import type { Schema } from "../schema/schema.js";
import { transaction } from "../transaction.js";
import { mysqlDdl } from "./ddl.js";
import { failureOf, isBroken, withoutValues } from "./errors.js";
import { acquire } from "./mysql-pool.js";
import { queryOn } from "./mysql-query.js";
import { makeStrict, readCausally, refuseLoose } from "./strict.js";

export interface MysqlOptions {
  /** Connections of a pool that is made from a URL. Default 10. */
  readonly connections?: number;
  /** `false` for proxies that cannot keep prepared statements: each is then sent whole, with its values as text in it. Default `true`. */
  readonly preparedStatements?: boolean;
  /** How long a statement may take, milliseconds. The server ends it then. Default 8000. */
  readonly statementTimeout?: number;
  /** How long a statement may wait for a lock that another one holds, milliseconds (at least a second), when the pool is made from a URL. Default 2000. */
  readonly lockTimeout?: number;
  /**
   * On a Galera cluster: every statement first waits until its node has applied what the others have committed, on each connection of
   * the pool. Without it only a token that is newer than its row is looked up so. Default `false`.
   */
  readonly causalReads?: boolean;
}

function mysqlDialect(ownClock: boolean): Dialect {
  return {
    name: "mysql",
    types: {
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
    accountIdFrom: (text, { kind, comparedAs }) => {
      if (kind === "number") return sql`cast(${text} as signed)`;
      if (!comparedAs) return text;
      const { charset, collation } = comparedAs;
      return sql`convert(${text} using ${sql.raw(charset)}) collate ${sql.raw(collation)}`;
    },
    accountIdToText: (id) => sql<string>`cast(${id} as char)`,
    // Compared by the bytes: the column's collation may take an accent for nothing.
    contains: (column, text) =>
      sql<boolean>`lower(convert(${column} using utf8mb4)) like convert(${`%${text.toLowerCase().replace(/[!%_]/g, "!$&")}%`} using utf8mb4) collate utf8mb4_bin escape '!'`,
    // Not of now(), which is local time: where clocks are set back, an hour of it comes twice.
    now: (given) =>
      ownClock
        ? sql`(timestampdiff(microsecond, '1970-01-01', utc_timestamp(3)) div 1000)`
        : sql`cast(${given} as signed)`,
    // The database's zone does not matter: what is written is UTC, and read as UTC.
    momentToDatabase: (ms) => new Date(ms).toISOString().replace("T", " ").replace("Z", ""),
    // As text: a number on MySQL, a word on newer MariaDB.
    readOnly: sql`concat(@@global.read_only)`,
    ddl: mysqlDdl,
  };
}

/** Milliseconds that a copy of the database may need to follow the one that is written to. */
const replicationDelay = 100;

/** Runs something on a connection of its own. One that broke, does not respond or cannot go on is not given to anyone else. */
async function withConnection<T>(pool: Pool, work: (connection: PoolConnection) => Promise<T>): Promise<T> {
  const connection = guard(await acquire(pool));
  let isUseless = false;
  try {
    return await work(connection);
  } catch (error) {
    isUseless = isBroken(error);
    throw error;
  } finally {
    if (isUseless) connection.destroy();
    else connection.release();
  }
}

export function mysqlExecutor(
  pool: Pool,
  isOurs: boolean,
  {
    preparedStatements: prepared = true,
    statementTimeout: timeout = 8000,
    lockTimeout = 2000,
    causalReads = false,
  }: MysqlOptions = {},
  now?: () => number,
): SqlExecutor {
  const query = (connection: PoolConnection, bound: BoundQuery): Promise<Result> =>
    queryOn(connection, bound, { prepared, timeout });
  const say = (connection: PoolConnection, text: string): Promise<Result> =>
    query(connection, { sql: text, values: [] });
  const ready = new WeakSet<PoolConnection>();
  const prepare = isOurs ? makeStrict : refuseLoose;
  const connected = <T>(work: (connection: PoolConnection) => Promise<T>): Promise<T> =>
    withConnection(pool, async (connection) => {
      if (!ready.has(connection)) {
        await prepare(async (text) => (await say(connection, text)).rows[0]?.[0]);
        const seconds = Math.max(1, Math.round(lockTimeout / 1000));
        if (isOurs) await say(connection, `set innodb_lock_wait_timeout = ${seconds}`);
        if (causalReads) await readCausally((text) => say(connection, text));
        ready.add(connection);
      }
      return work(connection);
    });
  const run = (bound: BoundQuery): Promise<Result> =>
    retrying(() => connected((connection) => query(connection, bound)), failureOf, withoutValues);
  let isGalera: Promise<boolean> | undefined;
  return {
    kysely: new Kysely<Schema>({
      dialect: new MysqlDialect({
        pool,
        onReserveConnection: (connection) =>
          prepare(async (text) => {
            const { rows } = await connection.executeQuery(CompiledQuery.raw(text));
            return rows[0] && Object.values(rows[0])[0];
          }),
      }),
    }),
    dialect: mysqlDialect(now === undefined),
    accountShapes: new Map(),
    now: now ?? Date.now,
    run,
    async runUpToDate(bound) {
      isGalera ??= run({ sql: "show global variables like 'wsrep_on'", values: [] }).then(
        ({ rows }) => rows[0]?.[1] === "ON",
      );
      // On a Galera cluster a select may wait until its node has applied what the others have committed.
      if (await isGalera) return run({ ...bound, sql: `set statement wsrep_sync_wait = 1 for ${bound.sql}` });
      await sleep(replicationDelay);
      return run(bound);
    },
    atomically: (steps) =>
      retrying(
        () =>
          connected(async (connection) => {
            // Each statement sees what was committed before it; and fewer gaps are locked, so fewer transactions meet in a deadlock.
            await say(connection, "set transaction isolation level read committed");
            return transaction(steps, {
              run: (bound) => query(connection, bound),
              control: (text) => say(connection, text),
              isBroken,
            });
          }),
        failureOf,
        withoutValues,
      ),
    close: () =>
      isOurs
        ? new Promise((resolve, reject) => pool.end((error) => (error ? reject(error) : resolve())))
        : Promise.resolve(),
  };
}
