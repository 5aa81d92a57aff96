import { AuthError } from "../errors.js";

/** Runs a job when its turn comes. Throws AuthError `overloaded` when too many wait, or when the signal says that nobody does. */
export type Queue = <T>(job: () => Promise<T>, signal?: AbortSignal) => Promise<T>;

interface Waiting {
  readonly start: () => void;
}

/** At most `concurrency` jobs run at once, and at most `limit` wait, first come first served. */
export function createQueue(concurrency: number, limit: number): Queue {
  const waiting = new Set<Waiting>();
  let running = 0;

  const turn = (signal: AbortSignal | undefined): Promise<void> =>
    new Promise((resolve, reject) => {
      const leave = (): void => {
        waiting.delete(entry);
        reject(new AuthError("overloaded", { cause: signal?.reason }));
      };
      const entry: Waiting = {
        start: () => {
          waiting.delete(entry);
          signal?.removeEventListener("abort", leave);
          resolve();
        },
      };
      waiting.add(entry);
      signal?.addEventListener("abort", leave, { once: true });
    });

  return async (job, signal) => {
    if (signal?.aborted) throw new AuthError("overloaded", { cause: signal.reason });
    if (running < concurrency) running += 1;
    else if (waiting.size >= limit) throw new AuthError("overloaded");
    else await turn(signal);
    try {
      return await job();
    } finally {
      // The next in line takes this one's place; only without one is a place free.
      const [next] = waiting;
      if (next) next.start();
      else running -= 1;
    }
  };
}
