import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import type { AuditStore, AuditTerms } from "../../database/audit-port.js";
import { ValueRefused } from "../../database/database-error.js";
import type { AuthEvent, Emit } from "../../events.js";
import { tooLate, within } from "../../time-limit.js";
import { createAuditQueue, type QueuedRow } from "./queue.js";
import { createAuditIds, foldOf, rowOf } from "./rows.js";

/** Writes every event into the audit log, behind the requests that cause them. */
export interface AuditLog {
  /** Never throws, and never waits. */
  record(event: AuthEvent): void;
  /** Deletes and blanks what is past its term, unless another server has done it within `interval` milliseconds. */
  sweep(interval: number): Promise<void>;
  /** Writes what waits, for `timeout` milliseconds at most. Returns how many events were given up. Nothing is recorded after it. */
  close(timeout: number): Promise<number>;
}

export interface AuditLogOptions {
  readonly terms: AuditTerms;
  readonly store: AuditStore;
  readonly emit: Emit;
  /** Logs an error. */
  readonly report: (error: unknown, what: string) => void;
  /** Rows that wait at most, of attempts and of changes. Default 5000 of each: some megabytes. */
  readonly limit?: number;
  /** Milliseconds from the first row that waits to the writing, and from a writing that failed to the next one. */
  readonly pause?: number;
  readonly pauseAfterFailure?: number;
}

/** Rows that are written at once. */
const batch = 64;

export function openAuditLog({ terms, store, emit, report, ...options }: AuditLogOptions): AuditLog {
  const { limit = 5000, pause = 1000, pauseAfterFailure = 5000 } = options;
  const queue = createAuditQueue(limit);
  const newId = createAuditIds();
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;
  let underWay: readonly QueuedRow[] = [];
  let dropped = 0;
  let toldAt = 0;
  let isAway = false;
  let isClosed = false;

  const put = (queued: QueuedRow): void => {
    if (!queue.put(queued)) dropped += queued.row.times;
  };
  const schedule = (): void => {
    if (isClosed || writing || queue.size === 0) return;
    if (queue.size >= batch && !isAway) start();
    else timer ??= setTimeout(start, isAway ? pauseAfterFailure : pause).unref();
  };
  const start = (): void => {
    clearTimeout(timer);
    timer = undefined;
    writing ??= writeAll().finally(() => {
      writing = undefined;
      schedule();
    });
  };
  const writeAll = async (): Promise<void> => {
    // Behind whatever has recorded the first of them.
    for (await setImmediate(); queue.size > 0; await setImmediate()) {
      underWay = queue.take(batch);
      try {
        await write(underWay);
        underWay = [];
      } catch (error) {
        const kept = underWay;
        underWay = [];
        for (const queued of kept) put(queued);
        fail(error);
        return;
      }
      isAway = false;
      if (queue.size === 0 || performance.now() - toldAt > 60_000) tellDropped();
    }
  };
  const write = async (rows: readonly QueuedRow[]): Promise<void> => {
    try {
      await store.add(rows.flatMap(({ row, fold }) => (fold === undefined ? [row] : [])));
      // With a new id each time: an insert that conflicts with two indexes of a row at once is another one on each engine.
      await store.addTimes(
        rows.flatMap(({ row, fold }) =>
          fold === undefined ? [] : [{ ...row, id: newId(row.at), fold: digest(fold) }],
        ),
      );
    } catch (error) {
      // Something of the app's own refuses a row, such as a trigger. It must not hold up the others.
      if (!(error instanceof ValueRefused)) throw error;
      if (rows.length > 1) for (const one of rows) await write([one]);
      else dropped += rows[0]?.row.times ?? 0;
    }
  };
  // Told once until it goes well again, so that what is told of a failure does not cause the next one.
  const fail = (error: unknown): void => {
    if (isAway) return;
    isAway = true;
    report(error, "The audit log could not be written");
    emit("audit.write_failed", {});
  };
  const tellDropped = (): void => {
    if (dropped === 0) return;
    const reason = String(dropped);
    dropped = 0;
    toldAt = performance.now();
    emit("audit.dropped", { reason });
  };

  return {
    record(event) {
      if (isClosed) return;
      try {
        const row = rowOf(event, newId);
        put({ row, fold: foldOf(event, row) });
        schedule();
      } catch (error) {
        report(error, "An event could not be recorded");
      }
    },
    async sweep(interval) {
      await store.sweep(terms, interval);
    },
    async close(timeout) {
      const end = performance.now() + timeout;
      const left = (): number => Math.max(0, end - performance.now());
      if (writing) await within(left(), writing);
      isClosed = true;
      // What that writing has left behind would be written twice at once, and nobody would wait for the second.
      clearTimeout(timer);
      const isDone = (await within(left(), writing ?? writeAll())) !== tooLate;
      const waiting = isDone ? queue.size : queue.size + underWay.length;
      return waiting + dropped;
    },
  };
}

/** As long as its column, whatever it stands for. */
function digest(fold: string): string {
  return createHash("sha256").update(fold).digest("base64url");
}
