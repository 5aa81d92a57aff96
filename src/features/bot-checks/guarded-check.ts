import type { BotCheck, BotCheckRequest, BotVerdict } from "../../checks/bot-check.js";
import { tooLate, within } from "../../time-limit.js";

/** Milliseconds that a check may take, its own repetition included: a person waits for it. */
const patience = 8000;
/** Failures in a row after which it is not asked for a while. */
const mostFailures = 3;
/** How long, milliseconds. */
const pause = 30_000;

/**
 * A check that may be away: then its verdict is `"away"`. `onChange` is told at each change, not at each request. Rejects with a
 * TypeError for what is no verdict: a check with a mistake lets nobody in.
 */
export function guardCheck(
  check: BotCheck,
  onChange: (isAway: boolean, error: unknown) => void,
): (request: BotCheckRequest) => Promise<BotVerdict | "away"> {
  let failures = 0;
  let askAgainAt = 0;
  let isAway = false;
  const change = (now: boolean, error?: unknown): void => {
    if (isAway !== now) onChange(now, error);
    isAway = now;
  };
  const ask = async (request: BotCheckRequest): Promise<unknown> => {
    const verdict = await within(patience, check(request));
    if (verdict === tooLate) throw new Error("The bot check did not respond in time");
    return verdict;
  };
  return async (request) => {
    if (performance.now() < askAgainAt) return "away";
    let verdict: unknown;
    try {
      verdict = await ask(request);
    } catch (error) {
      if (++failures >= mostFailures) askAgainAt = performance.now() + pause;
      change(true, error);
      return "away";
    }
    if (!isVerdict(verdict))
      throw new TypeError('botCheck.check has to return "passed", "missing", "failed" or { failed: "why" }');
    // That a request has no token, a check knows without asking anybody.
    if (verdict === "missing") return verdict;
    failures = 0;
    change(false);
    return verdict;
  };
}

function isVerdict(value: unknown): value is BotVerdict {
  if (typeof value === "string") return ["passed", "missing", "failed"].includes(value);
  return typeof value === "object" && value !== null && typeof Reflect.get(value, "failed") === "string";
}
