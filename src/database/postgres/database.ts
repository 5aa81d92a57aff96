import type pg from "pg";
import { loadDriver } from "../load-driver.js";
import type { Database } from "../port.js";
import { createSqlStore } from "../sql-store.js";
import type { PostgresOptions } from "./postgres.js";

export type { PostgresOptions } from "./postgres.js";

/**
 * A PostgreSQL database, or one that speaks its protocol: a URL, or the app's own `pg.Pool` (which the app closes).
 *
 * The database itself ends a statement that takes too long, so that nothing is done later that a client was told has failed. A pool of
 * the app's needs these limits too: `statement_timeout` and `lock_timeout`, both shorter than its `query_timeout`, besides
 * `connectionTimeoutMillis` and a listener for `error`. Throws a TypeError for a `query_timeout` without a shorter `statement_timeout`.
 *
 * @example
 * createAuth({ database: postgres("postgres://app@localhost/app", { connections: 20 }), … })
 */
export function postgres(urlOrPool: string | pg.Pool, options: PostgresOptions = {}): Database {
  if (typeof urlOrPool === "string" && !/^postgres(ql)?:\/\//.test(urlOrPool)) {
    throw new TypeError('postgres() takes a URL, such as "postgres://user@localhost/app", or a pg.Pool');
  }
  if (typeof urlOrPool !== "string") refuseHastyPool(urlOrPool);
  return {
    async connect({ models, now }) {
      const { openPool, postgresExecutor } = await loadDriver(
        "PostgreSQL",
        "pg",
        () => import("./postgres.js"),
      );
      const isOurs = typeof urlOrPool === "string";
      const pool = isOurs ? openPool(urlOrPool, options) : urlOrPool;
      return createSqlStore(postgresExecutor(pool, isOurs, options.preparedStatements ?? true, now), models);
    },
  };
}

/** Throws for a pool that gives up on statements which the database then goes on with. */
function refuseHastyPool({ options }: pg.Pool): void {
  const { query_timeout: patience, statement_timeout: limit } = options ?? {};
  if (!patience || (limit && limit < patience)) return;
  throw new TypeError(
    `The pg.Pool gives up on a statement after query_timeout (${patience} ms), and the database goes on with it: what a client was told has failed may happen later. Give the pool a shorter statement_timeout, and a lock_timeout that is shorter still`,
  );
}
