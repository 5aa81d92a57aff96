import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mysql2 from "mysql2";
import pg from "pg";
import type { Database } from "../core/store.js";
import type { Engine } from "../store/engine.js";
import { mysql, mysqlEngine } from "../store/mysql.js";
import { postgres, postgresEngine } from "../store/postgres.js";
import { sqlite, sqliteEngine } from "../store/sqlite.js";
import { openSqlite } from "../store/sqlite-driver.js";
import { ownMysql, ownPostgres } from "./own-database.js";

/** A database that a test has for itself. It begins empty. */
export interface TestDatabase {
  readonly url: string;
  readonly database: Database;
  /** Connections to it, as of one more server. `now`: a clock instead of the database's own. */
  newEngine(now?: () => number): Promise<Engine>;
  drop(): Promise<void>;
}

const postgresServer = process.env["TEST_POSTGRES_URL"];
const mysqlServer = process.env["TEST_MYSQL_URL"];
const connections = 4;

/** Every engine; `missing`: this machine has no server of it, which `scripts/absent-services.mjs` says at the end of a run. */
export const engines = [
  { name: "sqlite", missing: false, create: sqliteFile },
  {
    name: "postgres",
    missing: postgresServer === undefined,
    create: () => postgresSchema(postgresServer ?? ""),
  },
  { name: "mysql", missing: mysqlServer === undefined, create: () => mysqlDatabase(mysqlServer ?? "") },
] as const;

/** The engines that this machine has, for a suite that runs over each of them. */
export const presentEngines = engines.filter(({ missing }) => !missing);

async function sqliteFile(): Promise<TestDatabase> {
  const folder = mkdtempSync(join(tmpdir(), "keyturn-database-"));
  const url = join(folder, "app.db");
  return {
    url,
    database: sqlite(url),
    async newEngine(now = Date.now) {
      const connection = await openSqlite(url);
      connection.exec("pragma busy_timeout = 5000");
      connection.exec("pragma journal_mode = wal");
      connection.exec("pragma synchronous = normal");
      return sqliteEngine(connection, now);
    },
    drop: async () => rmSync(folder, { recursive: true }),
  };
}

async function postgresSchema(server: string): Promise<TestDatabase> {
  const { url, drop } = await ownPostgres(server);
  return {
    url,
    drop,
    database: postgres(url),
    async newEngine(now) {
      return postgresEngine(new pg.Pool({ connectionString: url, max: connections }), true, true, now);
    },
  };
}

async function mysqlDatabase(server: string): Promise<TestDatabase> {
  const { url, drop } = await ownMysql(server);
  return {
    url,
    drop,
    database: mysql(url),
    async newEngine(now) {
      return mysqlEngine(mysql2.createPool({ uri: url, connectionLimit: connections }), true, {}, now);
    },
  };
}
