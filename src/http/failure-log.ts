import type { ErrorCode } from "../errors.js";
import { expectedError } from "./respond.js";

/** Milliseconds in which a refusal of our own is told once. */
const quietFor = 60_000;

/**
 * Logs what went wrong in an auth request. A 503 without a cause is a refusal of our own: a total that is used up, a queue that is
 * full, a store or checker that was found to be away. Nothing broke, and strangers can cause any number of them, so the log has one
 * line a minute for each code. Events and figures count them all.
 */
export function createFailureLog(
  report: (error: unknown, what: string) => void,
  now: () => number = () => performance.now(),
): (thrown: unknown) => void {
  const quietUntil = new Map<ErrorCode, number>();
  return (thrown) => {
    const { status, code, cause } = expectedError(thrown);
    if (status < 500) return;
    if (status === 503 && cause === undefined) {
      if (now() < (quietUntil.get(code) ?? Number.NEGATIVE_INFINITY)) return;
      quietUntil.set(code, now() + quietFor);
    }
    report(thrown, "An auth request failed");
  };
}
