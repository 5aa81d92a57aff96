import mysql2 from "mysql2/promise";
import pg from "pg";

/** A database that one test file has for itself, on a server that the environment names. */
export interface OwnDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

let made = 0;
const newName = (): string => `keyturn_${process.pid}_${++made}`;

/** A schema of its own on the PostgreSQL at `server`. */
export async function ownPostgres(server: string): Promise<OwnDatabase> {
  const name = newName();
  const admin = new pg.Client(server);
  await admin.connect();
  await admin.query(`create schema ${name}`);
  const url = new URL(server);
  url.searchParams.set("options", `-c search_path=${name}`);
  return {
    url: url.href,
    async drop() {
      await admin.query(`drop schema ${name} cascade`);
      await admin.end();
    },
  };
}

/** A whole database on the PostgreSQL at `server`, with options of `create database`. */
export async function ownPostgresDatabase(server: string, options: string): Promise<OwnDatabase> {
  const name = newName();
  const admin = new pg.Client(server);
  await admin.connect();
  await admin.query(`create database ${name} ${options}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    async drop() {
      await admin.query(`drop database ${name} with (force)`);
      await admin.end();
    },
  };
}

/** A database of its own on the MySQL or MariaDB at `server`. */
export async function ownMysql(server: string): Promise<OwnDatabase> {
  const name = newName();
  const admin = await mysql2.createConnection(server);
  await admin.query(`create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    async drop() {
      await admin.query(`drop database ${name}`);
      await admin.end();
    },
  };
}
