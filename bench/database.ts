/** A database of its own for one series of measurements, on the server that the options name. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import BetterSqlite from "better-sqlite3";
import mysql2, { type RowDataPacket } from "mysql2/promise";
import pg from "pg";
import { type CpuTimes, cpuTimes } from "./cpu.js";
import type { EngineName } from "./options.js";

export type Values = Readonly<Record<string, string | number>>;

export interface OwnDatabase {
  readonly engine: EngineName;
  /** A file, or a URL. */
  readonly url: string;
  /** Adds rows that all have the same columns. */
  insert(table: string, rows: readonly Values[]): Promise<void>;
  setTokenHashes(hashes: readonly { readonly client: string; readonly hash: string }[]): Promise<void>;
  /** Does now what the database would do by itself later, in the middle of a measurement. */
  settle(): Promise<void>;
  /** Of the database server, so far; of SQLite nothing, which has none. */
  cpu(): Promise<CpuTimes | undefined>;
  drop(): Promise<void>;
}

export async function openDatabase(
  engine: EngineName,
  server: string,
  isFresh = false,
): Promise<OwnDatabase> {
  if (engine === "postgres") return openPostgres(server);
  return engine === "mysql" ? openMysql(server) : openSqlite(isFresh);
}

let made = 0;
const newName = (): string => `keyturn_bench_${process.pid}_${++made}`;
const setHash = "update keyturn_sessions set token_hash = ? where client = ?";

function openSqlite(isFresh: boolean): OwnDatabase {
  const folder = mkdtempSync(join(tmpdir(), "keyturn-bench-"));
  const file = join(folder, "bench.db");
  const connection = new BetterSqlite(file);
  const all = <T>(rows: readonly T[], run: (row: T) => void): void =>
    connection.transaction(() => rows.forEach(run))();
  return {
    engine: "sqlite",
    url: file,
    async insert(table, rows) {
      const columns = Object.keys(rows[0] ?? {});
      const statement = connection.prepare(
        `insert into ${table} (${columns}) values (${columns.map((name) => `@${name}`)})`,
      );
      all(rows, (row) => statement.run(row));
    },
    async setTokenHashes(hashes) {
      const statement = connection.prepare(setHash);
      all(hashes, ({ client, hash }) => statement.run(hash, client));
    },
    async settle() {
      if (!isFresh) connection.exec("analyze");
      connection.pragma("wal_checkpoint(truncate)");
    },
    cpu: async () => undefined,
    async drop() {
      connection.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function openPostgres(server: string): Promise<OwnDatabase> {
  const name = newName();
  const admin = await connectPostgres(server);
  await admin.query(`create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const client = await connectPostgres(url.href);
  return {
    engine: "postgres",
    url: url.href,
    async insert(table, rows) {
      const columns = Object.keys(rows[0] ?? {});
      await client.query(
        `insert into ${table} (${columns}) select ${columns} from json_populate_recordset(null::${table}, $1)`,
        [JSON.stringify(rows)],
      );
    },
    async setTokenHashes(hashes) {
      await client.query(
        `update keyturn_sessions as session set token_hash = given.hash
         from json_to_recordset($1) as given (client text, hash text) where session.client = given.client`,
        [JSON.stringify(hashes)],
      );
    },
    async settle() {
      await client.query("vacuum analyze");
    },
    async cpu() {
      // Connections to this database, and what works for all: the writers of the log and of pages.
      const { rows } = await client.query<{ pid: number }>(
        "select pid from pg_stat_activity where (datname = current_database() or datname is null) and pid <> pg_backend_pid()",
      );
      return cpuTimes(
        rows.map(({ pid }) => pid),
        /^postgres/,
      );
    },
    async drop() {
      await client.end();
      await admin.query(`drop database ${name} with (force)`);
      await admin.end();
    },
  };
}

async function connectPostgres(url: string): Promise<pg.Client> {
  const client = new pg.Client(url);
  await client.connect();
  return client;
}

async function openMysql(server: string): Promise<OwnDatabase> {
  const name = newName();
  const admin = await mysql2.createConnection(server.replace(/^mariadb:/, "mysql:"));
  await admin.query(`create database ${name}`);
  await admin.query(`use ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const pid = await pidOfMysql(admin);
  return {
    engine: "mysql",
    url: url.href,
    async insert(table, rows) {
      const columns = Object.keys(rows[0] ?? {});
      await admin.query(`insert into ${table} (${columns}) values ?`, [rows.map(Object.values)]);
    },
    async setTokenHashes(hashes) {
      await admin.beginTransaction();
      for (const { client, hash } of hashes) await admin.query(setHash, [hash, client]);
      await admin.commit();
    },
    async settle() {
      await admin.query("analyze table keyturn_sessions, users");
    },
    cpu: async () => (pid === undefined ? undefined : cpuTimes([pid], /^(mariadbd|mysqld)/)),
    async drop() {
      await admin.query(`drop database ${name}`);
      await admin.end();
    },
  };
}

/** All of the server's threads, whoever they work for. `undefined` where the file is on another machine. */
async function pidOfMysql(admin: mysql2.Connection): Promise<number | undefined> {
  const [rows] = await admin.query<RowDataPacket[]>("select @@pid_file as file");
  try {
    return Number(readFileSync(String(rows[0]?.["file"]), "utf8"));
  } catch {
    return undefined;
  }
}
