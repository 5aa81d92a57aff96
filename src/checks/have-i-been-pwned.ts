import { hash } from "node:crypto";
import { parseUrl } from "../parse-url.js";

export interface HaveIBeenPwnedOptions {
  /** Where the range API is: your own mirror, for example. Default `https://api.pwnedpasswords.com`. */
  readonly endpoint?: string;
  /** How often a password has to stand in breaches to be refused. Default 1. */
  readonly atLeast?: number;
  /** How long to wait, milliseconds. Default 2000. */
  readonly timeout?: number;
}

/** Of the hash: what the API is told. So it learns of about a thousand passwords that it is one of them, and not which. */
const prefixLength = 5;
/** Failures in a row after which nobody waits for it for a while, and for how long, milliseconds. */
const mostFailures = 3;
const pause = 60_000;

/**
 * A check for `isPasswordBreached` that asks the range API of Have I Been Pwned, or a mirror of it, with the first five digits of the
 * password's SHA-1. The response is padded, so that its length says nothing either. Where nobody responds the check rejects; Keyturn
 * then lets the password pass and emits `password.breach_check_failed`. After three failures in a row it asks nobody for a minute, and
 * rejects at once.
 *
 * Source: the API's documentation, "Searching by range" and "Introducing padding".
 *
 * @example
 * createAuth({ isPasswordBreached: haveIBeenPwned(), … })
 */
export function haveIBeenPwned({
  endpoint = "https://api.pwnedpasswords.com",
  atLeast = 1,
  timeout = 2000,
}: HaveIBeenPwnedOptions = {}): (password: string) => Promise<boolean> {
  if (!parseUrl(endpoint)) throw new TypeError('"endpoint" must be an absolute URL');
  if (!Number.isInteger(atLeast) || atLeast < 1) throw new TypeError('"atLeast" must be 1 or more');
  const base = endpoint.replace(/\/+$/, "");
  let failures = 0;
  let askAgainAt = 0;
  const isListed = async (password: string): Promise<boolean> => {
    const digest = hash("sha1", password, "hex").toUpperCase();
    const response = await fetch(`${base}/range/${digest.slice(0, prefixLength)}`, {
      headers: { "add-padding": "true", "user-agent": "keyturn" },
      redirect: "error",
      signal: AbortSignal.timeout(timeout),
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`The range API responded with status ${response.status}`);
    }
    const body = await response.text();
    // A page of a proxy that lets nobody out has a status of 200 too, and no password in it.
    if (body.trim() !== "" && !rangeLine.test(body))
      throw new Error("The range API responded with something else than a range");
    return timesIn(body, digest.slice(prefixLength)) >= atLeast;
  };
  return async (password) => {
    if (performance.now() < askAgainAt)
      throw new Error("The range API is away, and is not asked for a minute");
    try {
      const isFound = await isListed(password);
      failures = 0;
      return isFound;
    } catch (error) {
      if (++failures >= mostFailures) askAgainAt = performance.now() + pause;
      throw error;
    }
  };
}

const rangeLine = /^\s*[\da-f]{35}:\d/im;

// A line is the rest of a hash, a colon and a count. Lines that only pad have the count 0.
function timesIn(body: string, rest: string): number {
  const line = body.split("\n").find((one) => one.trimStart().toUpperCase().startsWith(`${rest}:`));
  return line === undefined ? 0 : Number.parseInt(line.slice(line.indexOf(":") + 1), 10) || 0;
}
