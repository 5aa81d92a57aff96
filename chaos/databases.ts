import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import BetterSqlite from "better-sqlite3";
import mysql2, { type RowDataPacket } from "mysql2/promise";
import pg from "pg";
import type { Random } from "./random.js";

export type EngineName = "sqlite" | "postgres" | "mysql";
export const engineNames: readonly EngineName[] = ["sqlite", "postgres", "mysql"];

/** A database of its own for one run. */
export interface ChaosDatabase {
  /** As `DATABASE_URL` names it. */
  readonly url: string;
  /** Cuts some of the connections, or on SQLite holds the lock for a moment; answers how many. */
  trouble(random: Random): Promise<number>;
  drop(): Promise<void>;
}

/** Makes one; `undefined` where the environment names no server (`TEST_POSTGRES_URL`, `TEST_MYSQL_URL`). */
export async function openDatabase(engine: EngineName): Promise<ChaosDatabase | undefined> {
  const name = `keyturn_chaos_${process.pid}`;
  if (engine === "sqlite") return openFile();
  if (engine === "postgres") {
    const server = process.env["TEST_POSTGRES_URL"];
    return server === undefined ? undefined : openPostgres(server, name);
  }
  const server = process.env["TEST_MYSQL_URL"];
  return server === undefined ? undefined : openMysql(server, name);
}

function openFile(): ChaosDatabase {
  const folder = mkdtempSync(join(tmpdir(), "keyturn-chaos-"));
  const file = join(folder, "app.db");
  return {
    url: `sqlite:${file}`,
    async trouble(random) {
      const other = new BetterSqlite(file, { timeout: 1000 });
      try {
        other.exec("begin immediate");
        await sleep(random.between(20, 400));
        other.exec("rollback");
        return 1;
      } catch {
        // The servers are too busy to let it in.
        return 0;
      } finally {
        other.close();
      }
    },
    drop: async () => rmSync(folder, { recursive: true }),
  };
}

async function openPostgres(server: string, name: string): Promise<ChaosDatabase> {
  const admin = new pg.Client(server);
  await admin.connect();
  await admin.query(`create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    async trouble(random) {
      const { rowCount } = await admin.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 order by random() limit $2`,
        [name, random.between(1, 6)],
      );
      return rowCount ?? 0;
    },
    async drop() {
      await admin.query(`drop database ${name} with (force)`);
      await admin.end();
    },
  };
}

async function openMysql(server: string, name: string): Promise<ChaosDatabase> {
  const admin = await mysql2.createConnection(server);
  await admin.query(`create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    async trouble(random) {
      const [rows] = await admin.query<RowDataPacket[]>(
        "select id from information_schema.processlist where db = ? order by rand() limit ?",
        [name, random.between(1, 6)],
      );
      // One that is gone by now is as good as killed.
      for (const row of rows) await admin.query(`kill ${Number(row["id"])}`).catch(() => undefined);
      return rows.length;
    },
    async drop() {
      await admin.query(`drop database ${name}`);
      await admin.end();
    },
  };
}
