import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CompiledQuery } from "kysely";
import mysql2 from "mysql2";
import pg from "pg";
import { createRegistry, type Model, type ModelConfig } from "../core/models.js";
import type { Database } from "../core/store.js";
import type { Engine } from "../store/engine.js";
import { mysql, mysqlEngine } from "../store/mysql.js";
import { postgres, postgresEngine } from "../store/postgres.js";
import { sqlite, sqliteEngine } from "../store/sqlite.js";
import { openSqlite } from "../store/sqlite-driver.js";
import { ownMysql, ownPostgres } from "./own-database.js";

/** An empty database on one of the engines, in which a test makes the tables that an app may have. */
export interface TableFixture {
  readonly database: Database;
  readonly url: string;
  readonly engine: Engine;
  /** One more connection to it, as of another server. */
  newEngine(): Promise<Engine>;
  /** Runs statements of the app's own. */
  run(...statements: readonly string[]): Promise<void>;
  /** Answers rows as the driver gives them. */
  rows(statement: string): Promise<readonly Record<string, unknown>[]>;
  drop(): Promise<void>;
}

interface Place {
  readonly url: string;
  readonly database: Database;
  newEngine(): Promise<Engine>;
  drop(): Promise<void>;
}

const postgresServer = process.env["TEST_POSTGRES_URL"];
const mysqlServer = process.env["TEST_MYSQL_URL"];

/** The engines that this machine has; `missing` says why a suite over one is skipped. */
export const tableEngines = [
  { name: "sqlite", missing: false, open: () => fixture(sqlitePlace()) },
  {
    name: "postgres",
    missing: postgresServer === undefined,
    open: () => fixture(postgresPlace(postgresServer ?? "")),
  },
  { name: "mysql", missing: mysqlServer === undefined, open: () => fixture(mysqlPlace(mysqlServer ?? "")) },
] as const;

export function modelOf(config: Partial<ModelConfig> = {}): Model {
  return createRegistry({ person: { mountAt: "/auth", table: "people", ...config } }, {}).model("person");
}

async function fixture(opening: Promise<Place>): Promise<TableFixture> {
  const place = await opening;
  const engines: Engine[] = [];
  const newEngine = async (): Promise<Engine> => {
    const engine = await place.newEngine();
    engines.push(engine);
    return engine;
  };
  const engine = await newEngine();
  return {
    database: place.database,
    url: place.url,
    engine,
    newEngine,
    async run(...statements) {
      for (const statement of statements) await engine.kysely.executeQuery(CompiledQuery.raw(statement));
    },
    async rows(statement) {
      const { rows } = await engine.kysely.executeQuery<Record<string, unknown>>(
        CompiledQuery.raw(statement),
      );
      return rows;
    },
    async drop() {
      for (const one of engines) await one.close();
      await place.drop();
    },
  };
}

async function sqlitePlace(): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), "keyturn-tables-"));
  const url = join(folder, "app.db");
  return {
    url,
    database: sqlite(url),
    async newEngine() {
      const connection = await openSqlite(url);
      connection.exec("pragma busy_timeout = 5000");
      connection.exec("pragma journal_mode = wal");
      return sqliteEngine(connection, Date.now);
    },
    drop: async () => rmSync(folder, { recursive: true }),
  };
}

async function postgresPlace(server: string): Promise<Place> {
  const { url, drop } = await ownPostgres(server);
  return {
    url,
    drop,
    database: postgres(url),
    newEngine: async () => postgresEngine(new pg.Pool({ connectionString: url, max: 2 }), true, true),
  };
}

async function mysqlPlace(server: string): Promise<Place> {
  const { url, drop } = await ownMysql(server);
  return {
    url,
    drop,
    database: mysql(url),
    newEngine: async () => mysqlEngine(mysql2.createPool({ uri: url, connectionLimit: 2 }), true, 10_000),
  };
}
