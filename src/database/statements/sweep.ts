import { setImmediate } from "node:timers/promises";
import { sql } from "kysely";
import { UniqueViolation } from "../database-error.js";
import type { SqlExecutor } from "../driver.js";
import { type Statement, statement } from "../statement.js";

/** Rows that one statement walks over at most: it holds no lock for long, and nobody notices it. */
const batch = 500;
/** Milliseconds after which a sweep stops, and the next one goes on from there. */
const patience = 250;

/**
 * Deletes expired sessions, tickets, one-time entries of OAuth, counters and devices, walking along their primary keys: the time of expiry carries no index, because it
 * changes with every rotation. How far the walk is, and when it was last gone on with, stands in the settings table; so one of all
 * servers does it, whichever comes first, and the next one goes on where it stopped.
 *
 * `interval`: milliseconds in which only one server sweeps. Returns how many rows went.
 */
export function createSweep(executor: SqlExecutor): (interval: number) => Promise<number> {
  const { kysely } = executor;
  const read = statement<object>(executor, (_place, now) =>
    kysely
      .selectFrom("keyturn_settings")
      .select(["value", now.as("now")])
      .where("name", "=", "sweep"),
  );
  const begin = statement<{ value: string }>(executor, (place) =>
    kysely.insertInto("keyturn_settings").values({ name: "sweep", value: place("value") }),
  );
  const replace = statement<{ value: string; was: string }>(executor, (place) =>
    kysely
      .updateTable("keyturn_settings")
      .set({ value: place("value") })
      .where("name", "=", "sweep")
      .where("value", "=", place("was")),
  );
  const walks = [
    walkOf(executor, "keyturn_sessions", "client"),
    walkOf(executor, "keyturn_tickets", "hash"),
    walkOf(executor, "keyturn_oauth_flows", "hash"),
    walkOf(executor, "keyturn_counters", "name"),
    walkOf(executor, "keyturn_devices", "mark_hash"),
  ];

  /** The state, if it is this server's turn. */
  const take = async (interval: number): Promise<SweepState | undefined> => {
    let row = (await read.run({})).rows[0];
    if (!row) {
      await begin.run({ value: write({ at: 0, table: 0, after: "" }) }).catch(unlessThere);
      row = (await read.run({})).rows[0];
    }
    // What was just written is not there where a replica serves reads.
    if (!row) return undefined;
    const [was, now] = [String(row[0]), Number(row[1])];
    const state = parse(was);
    // A clock that was set back must not stop it for as long.
    if (Math.abs(now - state.at) < interval) return undefined;
    const mine = { ...state, at: now };
    return (await replace.run({ value: write(mine), was })).changes > 0 ? mine : undefined;
  };

  return async (interval) => {
    const mine = await take(interval);
    if (!mine) return 0;
    const start = performance.now();
    let { table, after } = mine;
    let swept = 0;
    // Once around: where it began in the middle of a table, that one a second time.
    const most = after === "" ? walks.length : walks.length + 1;
    for (let ends = 0; ends < most && performance.now() - start < patience; ) {
      const { dropped, next } = (await walks[table]?.(after)) ?? { dropped: 0, next: undefined };
      swept += dropped;
      after = next ?? "";
      // Others are served in between, also where a database responds at once.
      await setImmediate();
      if (next !== undefined) continue;
      table = (table + 1) % walks.length;
      ends++;
    }
    // If this took so long that another server has gone on meanwhile, its state is the newer one.
    await replace.run({ value: write({ at: mine.at, table, after }), was: write(mine) });
    return swept;
  };
}

interface SweepState {
  /** When a server last took its turn, unix milliseconds. */
  readonly at: number;
  /** The table that the walk is in, and the key that it has come to. */
  readonly table: number;
  readonly after: string;
}

function write({ at, table, after }: SweepState): string {
  return `${at} ${table} ${after}`;
}

function parse(value: string): SweepState {
  const [at, table, after = ""] = value.split(" ");
  return { at: Number(at), table: Number(table), after };
}

function unlessThere(error: unknown): void {
  if (!(error instanceof UniqueViolation)) throw error;
}

type Walk = (after: string) => Promise<{ readonly dropped: number; readonly next: string | undefined }>;

/** One step of the walk through a table: deletes the expired ones of the next rows behind a key. `next`: undefined at the end. */
function walkOf(
  executor: SqlExecutor,
  table:
    | "keyturn_sessions"
    | "keyturn_tickets"
    | "keyturn_oauth_flows"
    | "keyturn_counters"
    | "keyturn_devices",
  key: "client" | "hash" | "name" | "mark_hash",
): Walk {
  const { kysely } = executor;
  const column = sql.ref<string>(key);
  const last = statement<{ after: string }>(executor, (place) =>
    kysely
      .selectFrom(table)
      .select(column.as("last"))
      .where(column, ">", place("after"))
      .orderBy(column)
      .offset(sql<number>`${batch - 1}`)
      .limit(1),
  );
  const drop = statement<{ after: string }>(executor, (place, now) =>
    kysely.deleteFrom(table).where(column, ">", place("after")).where("expires_at", "<=", now),
  );
  const dropUpTo: Statement<{ after: string; upTo: string }> = statement(executor, (place, now) =>
    kysely
      .deleteFrom(table)
      .where(column, ">", place("after"))
      .where(column, "<=", place("upTo"))
      .where("expires_at", "<=", now),
  );
  return async (after) => {
    const row = (await last.run({ after })).rows[0];
    // Without an upper bound at the end: no text comes last in every language's order.
    if (!row) return { dropped: (await drop.run({ after })).changes, next: undefined };
    const next = String(row[0]);
    return { dropped: (await dropUpTo.run({ after, upTo: next })).changes, next };
  };
}
