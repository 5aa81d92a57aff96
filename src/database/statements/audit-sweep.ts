import { setImmediate } from "node:timers/promises";
import { type AuditStore, type AuditTerms, firstAuditId, lastAuditId } from "../audit-port.js";
import type { SqlExecutor } from "../driver.js";
import { type AuditSteps, createAuditSteps } from "./audit-steps.js";
import { createTurns } from "./turns.js";

/** Rows that one statement deletes or blanks at most: it holds no lock for long. */
const batch = 200;
/** Rows that one statement counts at most. */
const counted = 5000;
/** Milliseconds after which a sweep stops, and the next one goes on from there. */
const patience = 1000;
/** Milliseconds from the end of one count of all rows to the next. */
const countingPause = 10 * 60_000;
/** Milliseconds after which no server is still about to write rows of an account that was deleted. */
const deletionPause = 60_000;

/** What one sweep leaves for the next: how far each walk has come, as the id that it goes on from. */
interface State {
  blanked: { attempt: string; change: string };
  deletion: { id: string; from: string };
  count: { from: string; rows: number; endedAt: number };
  /** How many rows there are too many. */
  excess: number;
}

const beginning: State = {
  blanked: { attempt: "", change: "" },
  deletion: { id: "", from: "" },
  count: { from: "", rows: 0, endedAt: 0 },
  excess: 0,
};

/** What one sweep works with. */
interface Sweep {
  readonly steps: AuditSteps;
  readonly terms: AuditTerms;
  readonly state: State;
  readonly now: number;
  /** Whether there is time for one more step. Others are served in between, also where a database responds at once. */
  goesOn(): Promise<boolean>;
}

/**
 * Deletes rows past their term, takes addresses out of old rows and out of those of accounts that were deleted, and holds the table to its
 * number of rows. One of all servers does it.
 */
export function createAuditSweep(executor: SqlExecutor): AuditStore["sweep"] {
  const turns = createTurns(executor, "audit_log");
  const steps = createAuditSteps(executor);
  return async (terms, interval) => {
    const turn = await turns(interval);
    if (!turn) return 0;
    const end = performance.now() + patience;
    const state: State = turn.state === "" ? structuredClone(beginning) : JSON.parse(turn.state);
    const sweep: Sweep = {
      steps,
      terms,
      state,
      now: turn.now,
      async goesOn() {
        await setImmediate();
        return performance.now() < end;
      },
    };
    let deleted = await dropOld(sweep);
    await followDeletions(sweep);
    await blankOld(sweep);
    // They went from among those that were counted first.
    state.count.rows = Math.max(0, state.count.rows - deleted);
    await countAll(sweep);
    deleted += await dropExcess(sweep);
    await turn.leave(JSON.stringify(state));
    return deleted;
  };
}

async function dropOld({ steps, terms, now, goesOn }: Sweep): Promise<number> {
  let deleted = 0;
  for (const [term, keptFor] of [
    ["attempt", terms.attemptsFor],
    ["change", terms.changesFor],
    ["deletion", terms.changesFor],
  ] as const) {
    const below = firstAuditId(now - keptFor);
    for (let dropped = batch; dropped >= batch && (await goesOn()); ) {
      dropped = await steps.drop(term, below, batch);
      deleted += dropped;
    }
  }
  return deleted;
}

/** Leaves of the accounts that were deleted only the ids. */
async function followDeletions({ steps, state, now, goesOn }: Sweep): Promise<void> {
  for (;;) {
    const deletion = await steps.nextDeletion(firstAuditId(now - deletionPause));
    if (!deletion) return;
    // Rows that other servers wrote a moment later too.
    const below = firstAuditId(deletion.at + deletionPause);
    let from = state.deletion.id === deletion.id ? state.deletion.from : "";
    for (let next: string | undefined = from; next !== undefined; ) {
      state.deletion = { id: deletion.id, from };
      if (!(await goesOn())) return;
      next = await steps.blankAccount(deletion, { from, below }, batch);
      from = next ?? from;
    }
    await steps.endDeletion(deletion);
  }
}

async function blankOld({ steps, terms, state, now, goesOn }: Sweep): Promise<void> {
  const below = firstAuditId(now - terms.addressesFor);
  for (const term of ["attempt", "change"] as const) {
    while (state.blanked[term] < below && (await goesOn()))
      state.blanked[term] =
        (await steps.blankTerm(term, { from: state.blanked[term], below }, batch)) ?? below;
  }
}

async function countAll({ steps, terms, state, now, goesOn }: Sweep): Promise<void> {
  const { count } = state;
  // A clock that was set back must not stop it for as long.
  if (state.excess > 0 || Math.abs(now - count.endedAt) < countingPause) return;
  while (await goesOn()) {
    const { rows, next } = await steps.count(count.from, counted);
    count.rows += rows;
    count.from = next ?? "";
    if (next !== undefined) continue;
    state.excess = Math.max(0, count.rows - terms.maximumRows);
    state.count = { from: "", rows: 0, endedAt: now };
    return;
  }
}

/** Attempts go first: however many there are, they push out no change. */
async function dropExcess({ steps, state, goesOn }: Sweep): Promise<number> {
  let deleted = 0;
  while (state.excess > 0 && (await goesOn())) {
    const most = Math.min(batch, state.excess);
    const dropped =
      (await steps.drop("attempt", lastAuditId, most)) || (await steps.drop("change", lastAuditId, most));
    deleted += dropped;
    state.excess = dropped === 0 ? 0 : state.excess - dropped;
  }
  return deleted;
}
