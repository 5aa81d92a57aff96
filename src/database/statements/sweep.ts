import { setImmediate } from "node:timers/promises";
import { sql } from "kysely";
import type { SqlExecutor } from "../driver.js";
import { type Statement, statement } from "../statement.js";
import { createTurns } from "./turns.js";

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
  const turns = createTurns(executor, "sweep");
  const walks = [
    walkOf(executor, "keyturn_sessions", "client"),
    walkOf(executor, "keyturn_tickets", "hash"),
    walkOf(executor, "keyturn_oauth_flows", "hash"),
    walkOf(executor, "keyturn_counters", "name"),
    walkOf(executor, "keyturn_devices", "mark_hash"),
  ];

  return async (interval) => {
    const turn = await turns(interval);
    if (!turn) return 0;
    const start = performance.now();
    let { table, after } = parse(turn.state);
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
    await turn.leave(`${table} ${after}`);
    return swept;
  };
}

/** The table that the walk is in, and the key that it has come to. */
function parse(state: string): { readonly table: number; readonly after: string } {
  const [table, after = ""] = state.split(" ");
  return { table: Number(table), after };
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
