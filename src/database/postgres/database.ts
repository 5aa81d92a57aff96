import type pg from "pg";
import { loadDriver } from "../load-driver.js";
import type { Database } from "../port.js";
import { createSqlStore } from "../sql-store.js";
import type { PostgresOptions } from "./postgres.js";

export type { PostgresOptions } from "./postgres.js";

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
