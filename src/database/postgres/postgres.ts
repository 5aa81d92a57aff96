import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Kysely, PostgresDialect, sql } from "kysely";
import pg from "pg";
import { eachInBothCases } from "../both-cases.js";
import type { BoundQuery, Dialect, Result, SqlExecutor } from "../driver.js";
import { guard } from "../guard.js";
import { retrying } from "../retrying.js";
import type { Schema } from "../schema/schema.js";
import { transaction } from "../transaction.js";
import { postgresDdl } from "./ddl.js";
import { failureOf, isBroken, withoutValues } from "./errors.js";
import { queryOn } from "./postgres-query.js";

export interface PostgresOptions {
  /** Connections of a pool that is made from a URL. Default 10. */
  readonly connections?: number;
  /** `false` for poolers that cannot keep prepared statements (pgbouncer in transaction mode before 1.21); leaves 0.4 of the throughput. Default `true`. */
  readonly preparedStatements?: boolean;
  /** How long a statement may take, milliseconds, when the pool is made from a URL. The database ends it then. Default 8000. */
  readonly statementTimeout?: number;
  /** How long a statement may wait for a lock that another one holds, milliseconds, when the pool is made from a URL. Default 2000. */
  readonly lockTimeout?: number;
}

export function openPool(
  connectionString: string,
  { connections = 10, statementTimeout = 8000, lockTimeout = 2000 }: PostgresOptions,
): pg.Pool {
  // As a statement and not as startup parameters, which poolers such as pgbouncer refuse.
  const limits = [
    `set statement_timeout = ${Math.floor(statementTimeout)}`,
    `set lock_timeout = ${Math.floor(lockTimeout)}`,
    `set idle_in_transaction_session_timeout = ${Math.floor(statementTimeout)}`,
  ].join("; ");
  const pool = new pg.Pool({
    connectionString,
    max: connections,
    connectionTimeoutMillis: 5000,
    // Only a database that cannot be reached any more lets it come to that: its own limits are shorter.
    query_timeout: statementTimeout + 2000,
    keepAlive: true,
    // Done before anybody is given the connection, and not only sent: a client of pg that is asked again before it has answered
    // warns, and will refuse. A connection that does not take its limits is closed.
    verify: (client, done) => {
      guard(client)
        .query(limits)
        .then(
          () => done(),
          (error: unknown) => done(new Error("Connection terminated without its limits", { cause: error })),
        );
    },
  });
  // An idle connection that breaks is replaced by the next query; without a listener it would end the process.
  return guard(pool);
}

function postgresDialect(ownClock: boolean): Dialect {
  return {
    name: "postgres",
    types: {
      time: sql`bigint`,
      moment: sql`timestamptz(3)`,
      text: (length) => sql.raw(`varchar(${length})`),
      longText: sql`text`,
      field: (type, maxLength) =>
        ({
          string: sql.raw(`varchar(${maxLength})`),
          integer: sql`bigint`,
          number: sql`double precision`,
          boolean: sql`boolean`,
        })[type],
    },
    // Room on each page for the next version of a row, so that a rotation touches no index (HOT).
    sessionTableOptions: sql`with (fillfactor = 90)`,
    joinsInUpdates: true,
    forUpdate: sql`for update`,
    accountIdFrom: (text, { kind }) =>
      sql`cast(${text} as ${kind === "number" ? sql`bigint` : sql.raw(kind)})`,
    accountIdToText: (id) => sql<string>`cast(${id} as text)`,
    // Not `ilike`, which knows the letters of the database's locale only: in "C" those of ASCII.
    contains: (column, text) =>
      sql<boolean>`cast(${column} as text) ~ ${eachInBothCases(text, inExpression)}`,
    // The same moment everywhere in a statement.
    now: (given) =>
      ownClock
        ? sql`(date_part('epoch', statement_timestamp()) * 1000)::bigint`
        : sql`cast(${given} as bigint)`,
    momentToDatabase: (ms) => new Date(ms).toISOString(),
    // A standby, or `default_transaction_read_only`.
    readOnly: sql`(pg_is_in_recovery() or current_setting('transaction_read_only') = 'on')::text`,
    ddl: postgresDdl,
  };
}

/** A character of a regular expression, by its spellings. Whatever is no letter or digit stands for itself behind a backslash. */
function inExpression(cases: readonly string[]): string {
  const [one = ""] = cases;
  if (cases.length > 1) return `[${cases.join("")}]`;
  return /[!-/:-@[-`{-~]/.test(one) ? `\\${one}` : one;
}

/** Milliseconds that a copy of the database may need to follow the one that is written to. */
const replicationDelay = 100;

/** Runs something on a connection of its own. One that broke, or cannot go on, is not given to anyone else. */
function withConnection<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    pool.connect((failed, client, release) => {
      if (!client) {
        reject(failed);
        return;
      }
      work(guard(client)).then(
        (done) => {
          release();
          resolve(done);
        },
        (error: unknown) => {
          release(isBroken(error));
          reject(error);
        },
      );
    });
  });
}

export function postgresExecutor(
  pool: pg.Pool,
  isOurs: boolean,
  prepared: boolean,
  now?: () => number,
): SqlExecutor {
  const names = new Map<string, string>();
  const nameOf = (text: string): string => {
    let name = names.get(text);
    if (name === undefined) {
      // By its text, because other parts of the app may share the connection.
      name = `keyturn_${createHash("sha256").update(text).digest("hex").slice(0, 24)}`;
      names.set(text, name);
    }
    return name;
  };
  const query = (client: pg.PoolClient, bound: BoundQuery): Promise<Result> =>
    queryOn(client, bound, prepared ? nameOf(bound.sql) : undefined);
  const run = (bound: BoundQuery): Promise<Result> =>
    retrying(() => withConnection(pool, (client) => query(client, bound)), failureOf, withoutValues);
  return {
    kysely: new Kysely<Schema>({
      dialect: new PostgresDialect({
        pool: { connect: async () => guard(await pool.connect()), end: async () => {} },
      }),
    }),
    dialect: postgresDialect(now === undefined),
    accountShapes: new Map(),
    now: now ?? Date.now,
    run,
    // No statement asks a replica to catch up first, so it is given a moment.
    runUpToDate: async (bound) => {
      await sleep(replicationDelay);
      return run(bound);
    },
    atomically: (steps) =>
      retrying(
        () =>
          withConnection(pool, (client) =>
            transaction(steps, {
              run: (bound) => query(client, bound),
              control: (text) => client.query(text),
              isBroken,
            }),
          ),
        failureOf,
        withoutValues,
      ),
    async close() {
      if (isOurs) await pool.end();
    },
  };
}
