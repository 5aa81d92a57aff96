import type { CounterStore } from "../database/counter-port.js";
import type { Caller } from "./caller.js";

/** Where limits are counted, for whatever has one. */
export interface Counting {
  readonly counters: CounterStore;
  /** Whether other servers count there too, whose attempts under way nobody sees here. */
  readonly isShared: boolean;
  /** How many bits of an IPv6 address are counted as one address. */
  readonly ipv6Prefix: number;
  /** What the caller's address is counted as; `undefined`: it is a proxy's, or unknown. */
  keyOf(caller: Caller): string | undefined;
}
