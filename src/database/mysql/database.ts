import type { Pool } from "mysql2";
import { loadDriver } from "../load-driver.js";
import type { Database } from "../port.js";
import { createSqlStore } from "../sql-store.js";
import type { MysqlOptions } from "./mysql.js";
import { sslOf } from "./ssl-mode.js";

export type { MysqlOptions } from "./mysql.js";

/**
 * A MySQL or MariaDB database: a URL, or the app's own `mysql2` pool (not the promise one; the app closes it).
 *
 * @example
 * createAuth({ database: mysql("mysql://app@localhost/app?ssl-mode=VERIFY_IDENTITY"), … })
 */
export function mysql(urlOrPool: string | Pool, options: MysqlOptions = {}): Database {
  if (typeof urlOrPool === "string" && !/^(mysql|mariadb):\/\//.test(urlOrPool)) {
    throw new TypeError('mysql() takes a URL, such as "mysql://user@localhost/app", or a mysql2 pool');
  }
  // A mistake in it is told here, not at the first request.
  if (typeof urlOrPool === "string") sslOf(urlOrPool);
  return {
    async connect({ models, now }) {
      const { mysqlExecutor } = await loadDriver("MySQL", "mysql2", () => import("./mysql.js"));
      const { openPool } = await import("./mysql-pool.js");
      const isOurs = typeof urlOrPool === "string";
      const pool = isOurs ? openPool(urlOrPool, options.connections) : urlOrPool;
      return createSqlStore(mysqlExecutor(pool, isOurs, options, now), models);
    },
  };
}
