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
  const { rateLimitStore: given, logger } = settings;
  const open = (counters: CounterStore, isShared: boolean): Limits =>
    createLimits({
      rules: settings.rateLimitRules,
      counters,
      ipv6Prefix: settings.rateLimitIpv6Prefix,
      isShared,
      emit,
      warn: (sentence) => logger.warn({}, sentence),
    });
  // What a known device may do in spite of a lock is counted where the lock is: in no other place, and without rate limits too.
  const { knownDevice } = open(database, true);
  if (!(settings.rateLimits ?? settings.production)) return { ...noLimits, knownDevice };
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
    });
  const counters = given === "memory" ? memory : guarded(given === "database" ? database : given);
  return { ...open(counters, given !== "memory"), knownDevice };
}
