import type { CounterStore } from "../../database/counter-port.js";
import type { Emit } from "../../events.js";
import type { Counting } from "../counting.js";
import { type Limits, noLimits } from "../limits.js";
import { createLimits } from "./limits.js";
import type { RateLimitRules } from "./settings.js";

export interface RateLimitSettings {
  readonly rateLimits: boolean | undefined;
  readonly production: boolean;
  readonly rateLimitRules: RateLimitRules;
}

/** Rate limits, as the settings have them: none outside production, unless they say so. */
export function openLimits(
  { rateLimits, production, rateLimitRules: rules }: RateLimitSettings,
  counting: Counting,
  { database, emit }: { readonly database: CounterStore; readonly emit: Emit },
): Limits {
  const open = (counting: Counting): Limits => createLimits({ rules, counting, emit });
  // What a known device may do in spite of a lock is counted where the lock is: in no other place, and without rate limits too.
  const { knownDevice } = open({ ...counting, counters: database, isShared: true });
  return { ...((rateLimits ?? production) ? open(counting) : noLimits), knownDevice };
}
