import { createHash } from "node:crypto";
import { Kysely, PostgresDialect, sql } from "kysely";
import pg from "pg";
import type { Database } from "../core/store.js";
import {
  type BoundQuery,
  type Dialect,
  type Engine,
  type Result,
  type Step,
  UniqueViolation,
} from "./engine.js";
import { type Failure, retrying } from "./retrying.js";
import type { Schema } from "./schema.js";
import { createSqlStore } from "./sql-store.js";

export interface PostgresOptions {
  /** Connections of a pool that is made from a URL. Default 10. */
  readonly connections?: number;
  /** `false` for poolers that cannot keep prepared statements (pgbouncer in transaction mode before 1.21); costs about two thirds of the throughput. Default `true`. */
  readonly preparedStatements?: boolean;
  /** How long a statement may take, milliseconds, when the pool is made from a URL. Default 10000. */
  readonly statementTimeout?: number;
}

/**
 * A PostgreSQL database, or one that speaks its protocol: a URL, or the app's own `pg.Pool` (which the app closes). A pool of the app's
 * needs its own limits, or a database that does not answer keeps requests waiting: `connectionTimeoutMillis`, `query_timeout`, and a
 * listener for `error`.
 */
export function postgres(urlOrPool: string | pg.Pool, options: PostgresOptions = {}): Database {
  if (typeof urlOrPool === "string" && !/^postgres(ql)?:\/\//.test(urlOrPool)) {
    throw new TypeError('postgres() takes a URL, such as "postgres://user@localhost/app", or a pg.Pool');
  }
  return {
    async connect({ models, now }) {
      const isOurs = typeof urlOrPool === "string";
      const pool = isOurs ? openPool(urlOrPool, options) : urlOrPool;
      return createSqlStore(postgresEngine(pool, isOurs, options.preparedStatements ?? true, now), models);
    },
  };
}

function openPool(
  connectionString: string,
  { connections = 10, statementTimeout = 10_000 }: PostgresOptions,
): pg.Pool {
  const pool = new pg.Pool({
    connectionString,
    max: connections,
    connectionTimeoutMillis: 5000,
    query_timeout: statementTimeout,
    keepAlive: true,
  });
  // An idle connection that breaks is replaced by the next query; without a listener it would end the process.
  pool.on("error", ignore);
  return pool;
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
    // The same moment everywhere in a statement.
    now: (given) =>
      ownClock
        ? sql`(extract(epoch from statement_timestamp()) * 1000)::bigint`
        : sql`cast(${given} as bigint)`,
    momentToDatabase: (ms) => new Date(ms).toISOString(),
    zonelessMoment: (column) => sql`${column} at time zone 'UTC'`,
    selectId: (column) => column,
    momentFromDatabase: (value) => (value instanceof Date ? value : new Date(String(value))).toISOString(),
    fieldToDatabase: (_type, value) => value,
    fieldFromDatabase: (_type, value) => value,
  };
}

const int8 = 20;
const types = {
  // Ours are times and counts, and ids that fit: a number, not text.
  getTypeParser: (oid: number, format?: "text" | "binary") =>
    oid === int8 ? toNumber : pg.types.getTypeParser(oid, format ?? "text"),
} as pg.CustomTypesConfig;

function toNumber(text: string): number | string {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : text;
}

// A connection that breaks says so to whoever waits for it, and once more as an event: without a listener that ends the process.
async function take(pool: pg.Pool): Promise<pg.PoolClient> {
  const client = await pool.connect();
  if (!client.listeners("error").includes(ignore)) client.on("error", ignore);
  return client;
}

export function postgresEngine(
  pool: pg.Pool,
  isOurs: boolean,
  prepared: boolean,
  now?: () => number,
): Engine {
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
  const query = async (on: pg.Pool | pg.PoolClient, { sql: text, values }: BoundQuery): Promise<Result> => {
    const named = prepared ? { name: nameOf(text) } : {};
    try {
      const { rows, rowCount } = await on.query<unknown[]>({
        text,
        values: [...values],
        rowMode: "array",
        types,
        ...named,
      });
      return { rows, changes: rowCount ?? 0 };
    } catch (error) {
      throw codeOf(error) === "23505"
        ? new UniqueViolation("A unique index refused the row", { cause: error })
        : error;
    }
  };
  const transaction = async (steps: readonly Step[]): Promise<readonly Result[] | undefined> => {
    const client = await take(pool);
    let broken: Error | undefined;
    try {
      await client.query("begin");
      const results: Result[] = [];
      for (const step of steps) {
        const result = await query(client, step.query);
        if (step.required && result.changes === 0) {
          await client.query("rollback");
          return undefined;
        }
        results.push(result);
      }
      await client.query("commit");
      return results;
    } catch (error) {
      // Nothing can be said on a connection that broke or does not answer; without it the database rolls back by itself.
      if (error instanceof Error && !isFromServer(error)) broken = error;
      else
        await client.query("rollback").catch((failed: Error) => {
          broken = failed;
        });
      throw error;
    } finally {
      // A connection that could not even roll back is not given to anyone else.
      client.release(broken);
    }
  };
  return {
    kysely: new Kysely<Schema>({
      dialect: new PostgresDialect({ pool: { connect: () => take(pool), end: async () => {} } }),
    }),
    dialect: postgresDialect(now === undefined),
    accountShapes: new Map(),
    now: now ?? Date.now,
    run: (bound) => retrying(() => query(pool, bound), failureOf),
    atomically: (steps) => retrying(() => transaction(steps), failureOf),
    async close() {
      if (isOurs) await pool.end();
    },
  };
}

/** Serialization failure and deadlock (PostgreSQL manual, appendix A): the transaction was rolled back as a whole. */
const passing: ReadonlySet<string> = new Set(["40001", "40P01"]);
/**
 * Connections, authorization, missing database, rollbacks, resources, intervention, system and internal errors, by class;
 * read-only transactions (a standby) and locks that are not available by code.
 */
const unavailable = /^(08|28|3D|40|53|57|58|XX)|^(25006|55P03)$/;

function failureOf(error: unknown): Failure {
  if (error instanceof UniqueViolation || error instanceof TypeError) return undefined;
  // Refused, cut, timed out: whatever did not come from the server is about reaching it.
  if (!isFromServer(error)) return "unavailable";
  const code = codeOf(error) ?? "";
  if (passing.has(code)) return "passing";
  return unavailable.test(code) ? "unavailable" : undefined;
}

function isFromServer(error: unknown): boolean {
  return error instanceof UniqueViolation || (error instanceof Error && "severity" in error);
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

function ignore(): void {}
