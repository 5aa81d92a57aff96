import { setTimeout as sleep } from "node:timers/promises";
import { Kysely, MysqlDialect, sql } from "kysely";
import type { Pool, PoolConnection } from "mysql2";
import type { BoundQuery, Dialect, Result, SqlExecutor } from "../driver.js";
import { guard } from "../guard.js";
import { UniqueViolation } from "../port.js";
import { type Failure, retrying } from "../retrying.js";
import type { Schema } from "../schema/schema.js";
import { transaction } from "../transaction.js";
import { acquire } from "./mysql-pool.js";
import { isFromServer, isLost, numberOf, queryOn } from "./mysql-query.js";

export interface MysqlOptions {
  /** Connections of a pool that is made from a URL. Default 10. */
  readonly connections?: number;
  /** `false` for proxies that cannot keep prepared statements: each is then sent whole, with its values as text in it. Default `true`. */
  readonly preparedStatements?: boolean;
  /** How long a statement may take, milliseconds. Default 10000. */
  readonly statementTimeout?: number;
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
    // Not of now(), which is local time: where clocks are set back, an hour of it comes twice.
    now: (given) =>
      ownClock
        ? sql`(timestampdiff(microsecond, '1970-01-01', utc_timestamp(3)) div 1000)`
        : sql`cast(${given} as signed)`,
    zonelessMoment: (column) => column,
    selectId: (column) => column,
    // The database's zone does not matter: what is written is UTC, and read as UTC.
    momentToDatabase: (ms) => new Date(ms).toISOString().replace("T", " ").replace("Z", ""),
    momentFromDatabase: (value) => new Date(`${String(value).replace(" ", "T")}Z`).toISOString(),
    fieldToDatabase: (type, value) => (type === "boolean" ? Number(value) : value),
    fieldFromDatabase: (type, value) => (type === "boolean" ? Number(value) !== 0 : value),
  };
}

/** Milliseconds that a copy of the database may need to follow the one that is written to. */
const replicationDelay = 100;

/** Runs something on a connection of its own. One that broke, does not answer or cannot go on is not given to anyone else. */
async function withConnection<T>(pool: Pool, work: (connection: PoolConnection) => Promise<T>): Promise<T> {
  const connection = guard(await acquire(pool));
  let isUseless = false;
  try {
    return await work(connection);
  } catch (error) {
    isUseless = isSpoilt(error);
    throw error;
  } finally {
    if (isUseless) connection.destroy();
    else connection.release();
  }
}

export function mysqlExecutor(
  pool: Pool,
  isOurs: boolean,
  { preparedStatements: prepared = true, statementTimeout: timeout = 10_000 }: MysqlOptions = {},
  now?: () => number,
): SqlExecutor {
  const query = (connection: PoolConnection, bound: BoundQuery): Promise<Result> =>
    queryOn(connection, bound, { prepared, timeout });
  const say = (connection: PoolConnection, text: string): Promise<Result> =>
    query(connection, { sql: text, values: [] });
  const inUtc = new WeakSet<PoolConnection>();
  const connected = <T>(work: (connection: PoolConnection) => Promise<T>): Promise<T> =>
    withConnection(pool, async (connection) => {
      // What a `timestamp` of an accounts table says depends on the connection's zone, and some local times do not exist.
      if (isOurs && !inUtc.has(connection)) {
        await say(connection, "set time_zone = '+00:00'");
        inUtc.add(connection);
      }
      return work(connection);
    });
  const run = (bound: BoundQuery): Promise<Result> =>
    retrying(() => connected((connection) => query(connection, bound)), failureOf);
  let isGalera: Promise<boolean> | undefined;
  return {
    kysely: new Kysely<Schema>({ dialect: new MysqlDialect({ pool }) }),
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
              isBroken: isSpoilt,
            });
          }),
        failureOf,
      ),
    close: () =>
      isOurs
        ? new Promise((resolve, reject) => pool.end((error) => (error ? reject(error) : resolve())))
        : Promise.resolve(),
  };
}

/** Deadlock, a wait for a lock that was too long, a commit that a group of servers refused: nothing was done. */
const passing: ReadonlySet<unknown> = new Set([1205, 1213, 3101]);
/**
 * What a server says that cannot serve (MySQL server error reference; 19xx: MariaDB): disk, memory, connections and other limits,
 * shutdown, read-only, offline or not in its cluster, no access, no such database, statement interrupted or killed, idle too long.
 */
const unavailable: ReadonlySet<unknown> = new Set([
  1020, 1021, 1030, 1037, 1038, 1040, 1041, 1044, 1045, 1047, 1049, 1053, 1077, 1114, 1129, 1130, 1152, 1158,
  1159, 1160, 1161, 1180, 1203, 1206, 1226, 1290, 1317, 1792, 1820, 1836, 1862, 1927, 1969, 3024, 3032, 3100,
  3118, 3169, 4031,
]);

function failureOf(error: unknown): Failure {
  if (error instanceof UniqueViolation || error instanceof TypeError) return undefined;
  // Refused, cut, timed out: whatever did not come from the server is about reaching it.
  if (!isFromServer(error)) return "unavailable";
  const number = numberOf(error);
  if (passing.has(number) || isLost(error)) return "passing";
  return unavailable.has(number) ? "unavailable" : undefined;
}

/** Whether a connection can do nothing more after an error. */
function isSpoilt(error: unknown): boolean {
  return !isFromServer(error) || isLost(error);
}
