import { createAuth, type Telemetry } from "keyturn";
import { mysql } from "keyturn/mysql";
import { postgres } from "keyturn/postgres";
import { sqlite } from "keyturn/sqlite";
import type { Floor } from "./floors/answer.js";
import { mysqlFloor } from "./floors/mysql.js";
import { postgresFloor } from "./floors/postgres.js";
import { sqliteFloor } from "./floors/sqlite.js";
import type { EngineName } from "./options.js";

/** How a process reaches the database. */
export interface Access {
  readonly engine: EngineName;
  /** A file, or a URL. */
  readonly url: string;
  /** Connections to the database. */
  readonly pool: number;
  /** For Keyturn; a floor always has named statements where they are faster. */
  readonly isPrepared: boolean;
}

/** `rotating`: every request makes a new token. Otherwise none does, for as long as a measurement can take. */
export function authOf(access: Access, rotating: boolean, telemetry?: Telemetry) {
  return createAuth({
    ...(telemetry ? { telemetry } : {}),
    baseUrl: "http://localhost:3000",
    database: databaseOf(access),
    environment: "test",
    batchRequestBufferThrottle: rotating ? "0s" : "1h",
    models: {
      user: {
        mountAt: "/auth",
        fields: { name: { type: "string" }, nickname: { type: "string" }, image: { type: "string" } },
      },
    },
  });
}

function databaseOf({ engine, url, pool, isPrepared }: Access) {
  if (engine === "postgres") return postgres(url, { connections: pool, preparedStatements: isPrepared });
  if (engine === "mysql") return mysql(url, { connections: pool, preparedStatements: isPrepared });
  return sqlite(url);
}

/** The same by hand. */
export function floorOf({ engine, url, pool }: Access, rotating: boolean): Floor {
  if (engine === "postgres") return postgresFloor(url, pool, rotating);
  return engine === "mysql" ? mysqlFloor(url, pool, rotating) : sqliteFloor(url, rotating);
}
