import type { CounterStore } from "../../database/counter-port.js";
import type { Emit } from "../../events.js";
import type { Logger } from "../../logger.js";
import { type Limits, noLimits } from "../limits.js";
import { guardCounters } from "./guarded-counters.js";
import { createLimits } from "./limits.js";
import { createMemoryCounters } from "./memory-counters.js";
import type { RateLimitRules } from "./settings.js";

export interface RateLimitSettings {
  readonly rateLimits: boolean | undefined;
  readonly production: boolean;
  readonly rateLimitRules: RateLimitRules;
  readonly rateLimitStore: "memory" | "database" | CounterStore;
  readonly whenRateLimitStoreIsAway: "memory" | "open" | "closed";
  readonly rateLimitStoreTimeout: number;
  readonly rateLimitIpv6Prefix: number;
  readonly logger: Logger;
}

/** Rate limits, as the settings have them: none outside production, unless they say so. */
export function openLimits(
  settings: RateLimitSettings,
  {
    database,
    emit,
    now,
  }: { readonly database: CounterStore; readonly emit: Emit; readonly now: () => number },
): Limits {
  if (!(settings.rateLimits ?? settings.production)) return noLimits;
  const { rateLimitStore: given, logger } = settings;
  const warn = (sentence: string): void => logger.warn({}, sentence);
  const memory = createMemoryCounters(now);
  const guarded = (store: CounterStore): CounterStore =>
    guardCounters({
      store,
      memory,
      patience: settings.rateLimitStoreTimeout,
      whenAway: settings.whenRateLimitStoreIsAway,
      onChange(isAway, error) {
        emit(isAway ? "limits.store_away" : "limits.store_back", {});
        if (isAway) logger.warn({ err: error }, "The store of the rate limits is away");
      },
      onWarning: warn,
    });
  return createLimits({
    rules: settings.rateLimitRules,
    counters: given === "memory" ? memory : guarded(given === "database" ? database : given),
    ipv6Prefix: settings.rateLimitIpv6Prefix,
    isShared: given !== "memory",
    emit,
    warn,
  });
}
