import { z } from "zod";
import { choice, count, type Duration, duration, flag, setting } from "../../config/setting.js";
import type { CounterRule, CounterStore } from "../../database/counter-port.js";

/** How often something may happen in a time. */
export interface RateLimit {
  readonly limit: number;
  readonly per: Duration;
}

/** What the rules of `rateLimitRules` begin with. */
const defaults = {
  signInsByAddress: { limit: 100, per: "1m" },
  signInFailuresByAddress: { limit: 10, per: "1m" },
  signInFailuresByAddressLong: { limit: 100, per: "1h" },
  signInFailuresByAddressAndAccount: { limit: 5, per: "20m" },
  signInFailuresByAccount: { limit: 100, per: "1h" },
  signInFailuresByKnownDevice: { limit: 5, per: "1h" },
  registrationsByAddress: { limit: 30, per: "1h" },
  mailRequestsByAddress: { limit: 10, per: "1m" },
  mailRequestsByAddressLong: { limit: 30, per: "1h" },
  mailsByRecipient: { limit: 1, per: "1m" },
  mailsByRecipientLong: { limit: 3, per: "1h" },
  mailsByRecipientDay: { limit: 6, per: "1d" },
  linksByAddress: { limit: 20, per: "1m" },
  providerStartsByAddress: { limit: 30, per: "10m" },
  emailChangesByAccount: { limit: 5, per: "1h" },
  noticesByRecipient: { limit: 5, per: "1h" },
  noticesByRecipientDay: { limit: 10, per: "1d" },
  currentPasswordFailures: { limit: 5, per: "10m" },
} as const;

/** Names of the limits, and of what each says. */
export const rateLimitNames: readonly string[] = Object.keys(defaults);
export const rateLimitKeys: readonly string[] = ["limit", "per"] satisfies readonly (keyof RateLimit)[];

export type RateLimitName = keyof typeof defaults;
/** The rules with their defaults; `false`: there is no such limit. */
export type RateLimitRules = Readonly<Record<RateLimitName, CounterRule | false>>;

const rule = z
  .strictObject({ limit: z.int().min(1, "must be at least 1"), per: duration("1m", 1000).schema })
  .transform(({ limit, per }): CounterRule => ({ limit, window: per }));
const mailsInTotal = rule.refine(
  ({ limit }) => limit >= 4,
  "must be at least 4, because a quarter of it is kept for people who are known",
);
const ruleOf = (byDefault: RateLimit) => z.union([z.literal(false), rule]).prefault(byDefault as never);
const rules = z
  .strictObject(
    Object.fromEntries(
      Object.entries(defaults).map(([name, one]) => [name, ruleOf(one)]),
    ) as unknown as Record<RateLimitName, z.ZodType<CounterRule | false>>,
  )
  .prefault({} as never);

const store = z.custom<"memory" | "database" | CounterStore>(
  (value) =>
    value === "memory" ||
    value === "database" ||
    (typeof value === "object" &&
      value !== null &&
      ["count", "look", "forget"].every((name) => typeof Reflect.get(value, name) === "function")),
  'must be "memory", "database", or counters such as redisCounters(client) from keyturn/redis',
);

export const rateLimitSettings = {
  /** Whether sign-ins, registrations, mails, links and checks of the current password are limited. Default: in production. */
  rateLimits: setting<boolean, boolean | undefined>(z.boolean().optional()),
  /**
   * Other numbers for single limits, or `false` for none: `{ registrationsByAddress: { limit: 100, per: "1h" } }`. Default: those of the page on limits.
   */
  rateLimitRules: setting<{ readonly [Name in RateLimitName]?: RateLimit | false }, RateLimitRules>(
    rules as z.ZodType<RateLimitRules>,
  ),
  /**
   * How many mails may leave in a time, all together: a little less than what your provider of mail takes. A quarter is kept for addresses
   * that were proved before that time. Default: any number.
   *
   * @example { limit: 5000, per: "1d" }
   */
  mailsInTotal: setting<RateLimit, CounterRule | undefined>(
    mailsInTotal.optional() as z.ZodType<CounterRule | undefined>,
  ),
  /** Where they are counted: in this process (`"memory"`), in the database (`"database"`), or in Redis (`redisCounters(client)` from `keyturn/redis`). With several servers, one of the last two. Default `"memory"`. */
  rateLimitStore: setting<"memory" | "database" | CounterStore, "memory" | "database" | CounterStore>(
    store.default("memory"),
  ),
  /** What happens while that store does not respond in time: each process counts for itself (`"memory"`), nothing is limited (`"open"`), or what is limited gets a 503 (`"closed"`). Default `"memory"`. */
  whenRateLimitStoreIsAway: choice(["memory", "open", "closed"], "memory"),
  /** How long that store may take for one counter. Default `"250ms"`. */
  rateLimitStoreTimeout: duration("250ms", 1),
  /** How many bits of an IPv6 address are counted as one address. Default `64`. */
  rateLimitIpv6Prefix: count(64, z.int().min(48, "must be from 48 to 64").max(64, "must be from 48 to 64")),
};

export const rateLimitModelSettings = {
  /** Whether an account's owner is told by mail, once a day at most, that guesses at its password have met `signInFailuresByAccount`. A `lockable` model sends its mail at the lock in place of it. Default `true`. */
  signInFailuresNotice: flag(true),
};
