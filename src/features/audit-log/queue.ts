import type { AuditRow } from "../../database/audit-port.js";

/** A row that waits to be written. `fold`: what it has in common with others that are in it already. */
export interface QueuedRow {
  readonly row: AuditRow;
  readonly fold: string | undefined;
}

/** Rows that wait, no more than so many of each term, so that a flood of attempts pushes out no change. */
export interface AuditQueue {
  readonly size: number;
  /** Returns whether there was room. */
  put(queued: QueuedRow): boolean;
  /** Takes the rows that came first out, changes before attempts. */
  take(most: number): readonly QueuedRow[];
}

export function createAuditQueue(limit: number): AuditQueue {
  const lanes = { change: createLane(limit), attempt: createLane(limit) };
  return {
    get size() {
      return lanes.change.size + lanes.attempt.size;
    },
    put(queued) {
      return lanes[queued.row.term === "attempt" ? "attempt" : "change"].put(queued);
    },
    take(most) {
      const changes = lanes.change.take(most);
      return [...changes, ...lanes.attempt.take(most - changes.length)];
    },
  };
}

function createLane(limit: number): AuditQueue {
  // In the order in which they came. A row without a fold is its own key.
  const rows = new Map<string | object, QueuedRow>();
  return {
    get size() {
      return rows.size;
    },
    put(queued) {
      const key = queued.fold ?? queued;
      const there = rows.get(key);
      if (!there && rows.size >= limit) return false;
      rows.set(key, there ? merged(there, queued) : queued);
      return true;
    },
    take(most) {
      const taken: QueuedRow[] = [];
      for (const [key, queued] of rows) {
        if (taken.length >= most) break;
        rows.delete(key);
        taken.push(queued);
      }
      return taken;
    },
  };
}

/** One row for two that are alike: the earlier one, which has happened so much oftener. */
function merged(one: QueuedRow, other: QueuedRow): QueuedRow {
  const [first, second] = one.row.at <= other.row.at ? [one, other] : [other, one];
  const times = one.row.times + other.row.times;
  const lastAt = Math.max(first.row.lastAt, second.row.lastAt);
  return { fold: first.fold, row: { ...first.row, times, lastAt } };
}
