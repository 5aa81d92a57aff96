import { setTimeout as sleep } from "node:timers/promises";
import { AuthError } from "../errors.js";

/**
 * What a database's error means. `passing`: nothing was done, and the same may go well the next time. `unavailable`: the database
 * is away, full or overloaded; whether the statement was done may be unknown. `undefined`: the statement itself is to blame.
 */
export type Failure = "passing" | "unavailable" | undefined;

/** Milliseconds after which nothing is tried again: whoever asks is better off with an answer. */
const patience = 5000;
/** Milliseconds that the moment between two attempts has at most. */
const longestPause = 200;

/**
 * Does something again, after a moment of random length that grows, while it fails in a way that passes by itself. Throws AuthError
 * `unavailable` when that does not help, or cannot: the caller's 503, which makes no client throw its token away.
 */
export async function retrying<T>(work: () => Promise<T>, kindOf: (error: unknown) => Failure): Promise<T> {
  const began = performance.now();
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const kind = kindOf(error);
      if (kind === undefined) throw error;
      if (kind === "unavailable" || performance.now() - began > patience)
        throw new AuthError("unavailable", { cause: error });
    }
    await sleep(Math.random() * Math.min(5 * 2 ** attempt, longestPause));
  }
}
