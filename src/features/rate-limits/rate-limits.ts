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
  emit: Emit,
): Limits {
  return (rateLimits ?? production) ? createLimits({ rules, counting, emit }) : noLimits;
}
