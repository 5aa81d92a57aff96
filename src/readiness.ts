import { tooLate, within } from "./time-limit.js";

/**
 * Why an Auth cannot serve requests just now. `opening`: its database is not open yet, or its tables are being brought up to date.
 * `closing`: `close()` was called. `database_away`: no statement can be done in a second. `database_read_only`: a standby, or a
 * database that somebody has closed for writes.
 */
export type NotReady = "opening" | "closing" | "database_away" | "database_read_only";

/** Whether requests can be served, and if not, why. */
export type Readiness =
  | { readonly isReady: true; readonly reason?: never }
  | { readonly isReady: false; readonly reason: NotReady };

/** Milliseconds that a probe may take, and that its result is good for. */
const patience = 1000;
const freshness = 1000;

interface ReadinessOptions {
  /** Finds out. May take its time; rejects if it cannot be found out. */
  readonly check: () => Promise<NotReady | undefined>;
  /** What is known without asking: told at once, whatever was found before. */
  readonly known: () => NotReady | undefined;
  /** What it is called that a check fails, or takes too long. */
  readonly whenLate: () => NotReady;
}

/**
 * Returns the function that says whether requests can be served. However often it is asked, one check is under way at a time, and none
 * within a second of the last.
 */
export function createReadiness({ check, known, whenLate }: ReadinessOptions): () => Promise<Readiness> {
  let last: { readonly found: NotReady | undefined; readonly at: number } | undefined;
  let running: { readonly check: Promise<NotReady | undefined>; readonly since: number } | undefined;

  const start = (): Promise<NotReady | undefined> => {
    const begun = check()
      .catch(whenLate)
      .then((found) => {
        last = { found, at: performance.now() };
        running = undefined;
        return found;
      });
    running = { check: begun, since: performance.now() };
    return begun;
  };

  return async () => {
    const told = known();
    if (told) return { isReady: false, reason: told };
    if (!running && last && performance.now() - last.at < freshness) return asReadiness(last.found);
    const found = running?.check ?? start();
    const left = patience - (performance.now() - (running?.since ?? 0));
    const soon = left > 0 ? await within(left, found) : tooLate;
    return asReadiness(known() ?? (soon === tooLate ? whenLate() : soon));
  };
}

function asReadiness(found: NotReady | undefined): Readiness {
  return found === undefined ? { isReady: true } : { isReady: false, reason: found };
}
