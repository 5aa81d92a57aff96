import { unixSockets } from "../../config/addresses.js";
import type { CounterStore } from "../../database/counter-port.js";
import type { Emit } from "../../events.js";
import type { Logger } from "../../logger.js";
import { addressKey, isPrivate } from "../address-key.js";
import type { Caller } from "../caller.js";
import type { Counting } from "../counting.js";
import { guardCounters } from "./guarded-counters.js";
import { createMemoryCounters } from "./memory-counters.js";

export interface CountingSettings {
  readonly rateLimitStore: "memory" | "database" | CounterStore;
  readonly whenRateLimitStoreIsAway: "memory" | "open" | "closed";
  readonly rateLimitStoreTimeout: number;
  readonly rateLimitIpv6Prefix: number;
  readonly logger: Logger;
}

/** The counters, as the settings have them. */
export function openCounting(
  settings: CountingSettings,
  {
    database,
    emit,
    now,
  }: { readonly database: CounterStore; readonly emit: Emit; readonly now: () => number },
): Counting {
  const { rateLimitStore: given, rateLimitIpv6Prefix: ipv6Prefix, logger } = settings;
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
  return {
    counters: given === "memory" ? memory : guarded(given === "database" ? database : given),
    isShared: given !== "memory",
    ipv6Prefix,
    keyOf: createKeyOf(ipv6Prefix, emit, warn),
  };
}

/** What all count as together whose connection was cut off before anybody could read their address. */
const goneKey = "gone";

/** `warn`: is told once that a proxy hides who asks. */
function createKeyOf(
  ipv6Prefix: number,
  emit: Emit,
  warn: (sentence: string) => void,
): (caller: Caller) => string | undefined {
  let hasWarned = false;
  return ({ address, hiddenBy, isGone }) => {
    if (isGone) return goneKey;
    const isProxys = address === null || isPrivate(address);
    if (hiddenBy && isProxys && !hasWarned) {
      hasWarned = true;
      emit("proxy.unlisted", { reason: hiddenBy, ...(address === null ? {} : { address }) });
      warn(warningOf(hiddenBy, address));
    }
    return address === null || (hiddenBy && isProxys) ? undefined : addressKey(address, ipv6Prefix);
  };
}

function warningOf(hiddenBy: NonNullable<Caller["hiddenBy"]>, address: string | null): string {
  const proxy = address === null ? "a proxy at a unix socket" : `a proxy at ${address}`;
  const unknown = "so their own addresses are not known and nothing is limited by address";
  return hiddenBy === "unlisted"
    ? `Requests come through ${proxy} that trustedProxies does not list, ${unknown}. Add ${address === null ? `"${unixSockets}"` : "it"} to trustedProxies.`
    : `Requests come through ${proxy} that names their clients in no X-Forwarded-For, ${unknown}. Let it send that header.`;
}
