import { setTimeout as sleep } from "node:timers/promises";
import { AuthError } from "../errors.js";

/**
 * What a database's error means. `passing`: nothing was done, and the same may go well the next time. `unavailable`: the database
 * is away, full or overloaded; whether the statement was done may be unknown. `undefined`: the statement itself is to blame.
 */
export type Failure = "passing" | "unavailable" | undefined;

/** Milliseconds after which nothing is tried again: whoever asks is better off with a response. */
const patience = 5000;
/** Milliseconds that the moment between two attempts has at most. */
const longestPause = 200;

/**
 * Does something again, after a moment of random length that grows, while it fails in a way that passes by itself. Throws AuthError
 * `unavailable` when that does not help, or cannot: the caller's 503, which makes no client throw its token away. `withoutValues`: what is
 * thrown and logged in place of a driver's error.
 */
export async function retrying<T>(
  work: () => Promise<T>,
  failureOf: (error: unknown) => Failure,
  withoutValues: (error: unknown) => unknown,
): Promise<T> {
  const began = performance.now();
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const failure = failureOf(error);
      if (failure === undefined) throw withoutValues(error);
      if (failure === "unavailable" || performance.now() - began > patience)
        throw new AuthError("unavailable", { cause: withoutValues(error) });
    }
    await sleep(Math.random() * Math.min(5 * 2 ** attempt, longestPause));
  }
}
