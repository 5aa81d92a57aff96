import { setTimeout as sleep } from "node:timers/promises";
import type { Kysely } from "kysely";
import type { Dialect } from "../driver.js";
import type { DdlEngine } from "./ddl-engine.js";
import type { Schema } from "./schema.js";

type Work = (db: Kysely<Schema>) => Promise<void>;

/** How long a server waits for another one that migrates, milliseconds. */
const patience = 10 * 60_000;
const mostRaces = 20;

/**
 * Does something that no other server does at the same moment, on one connection, and in a transaction where tables can be changed in
 * one. Asks again and again instead of waiting in the database: drivers and poolers cut statements that take long.
 */
export async function alone(kysely: Kysely<Schema>, dialect: Dialect, work: Work): Promise<void> {
  const executor = dialect.ddl;
  const attempt = executor.isTransactional ? inTransaction : onConnection;
  const start = performance.now();
  for (let races = 0; performance.now() - start < patience; ) {
    try {
      if (await attempt(kysely, executor, work)) return;
    } catch (error) {
      // A database that knows no such locks tells it like this that another server was faster.
      if (!executor.isBusy?.(error) && (!isRace(executor, error) || ++races > mostRaces)) throw error;
    }
    await sleep(20 + Math.random() * 80);
  }
  throw new Error("Another server has been migrating the database for ten minutes");
}

async function inTransaction(kysely: Kysely<Schema>, executor: DdlEngine, work: Work): Promise<boolean> {
  const { waiting } = executor;
  return kysely.connection().execute(async (connection) => {
    const before = waiting && (await waiting.read.execute(connection)).rows[0]?.timeout;
    // The other one may be in this very process, and could not go on.
    if (waiting) await waiting.set(0).execute(connection);
    try {
      return await connection.transaction().execute(async (transaction) => {
        if (!(await isTaken(transaction, executor))) return false;
        await work(transaction);
        return true;
      });
    } finally {
      if (waiting && before !== undefined) await waiting.set(before).execute(connection);
    }
  });
}

async function onConnection(kysely: Kysely<Schema>, executor: DdlEngine, work: Work): Promise<boolean> {
  return kysely.connection().execute(async (connection) => {
    if (!(await isTaken(connection, executor))) return false;
    try {
      await work(connection);
    } finally {
      if (executor.unlock) await executor.unlock.execute(connection);
    }
    return true;
  });
}

async function isTaken(db: Kysely<Schema>, { lock }: DdlEngine): Promise<boolean> {
  return lock === undefined || Number((await lock.execute(db)).rows[0]?.taken) === 1;
}

/** Whether an error tells that another server did the same at this moment. */
export function isRace({ races }: DdlEngine, error: unknown): boolean {
  if (typeof error !== "object" || error === null) return false;
  const codes = [
    "code" in error && error.code,
    "errno" in error && error.errno,
    "errcode" in error && error.errcode,
  ];
  return codes.some((code) => races.includes(code));
}
