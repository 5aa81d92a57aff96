import { hash } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { Model } from "../../accounts/models.js";
import type { CounterOutcome, CounterRule } from "../../database/counter-port.js";
import { AuthError } from "../../errors.js";
import { callerDetails, type Emit } from "../../events.js";
import { addressKey } from "../address-key.js";
import type { Caller } from "../caller.js";
import type { Counting } from "../counting.js";
import type { CountedGuess, LimitedRequest, Limits } from "../limits.js";
import { createUnderWay } from "../under-way.js";
import type { RateLimitName, RateLimitRules } from "./settings.js";

export interface LimitsOptions {
  readonly rules: RateLimitRules;
  readonly counting: Counting;
  readonly emit: Emit;
}

/** One counter that a request meets. */
interface Place {
  readonly limit: RateLimitName;
  readonly rule: CounterRule;
  readonly key: string;
}

/** Milliseconds in which an attempt at another server is over: that of a hash, and of the way to the database. */
const attemptTime = 400;

/** A limit that is met, and what all limits of that request say. */
interface Met {
  readonly place: Place;
  readonly all: readonly CounterOutcome[];
}

/** The wider IPv6 prefix by which failures are counted too, and how much more of them it may have. */
const widePrefix = 48;
const wideFactor = 10;

const requests: Readonly<Record<LimitedRequest, readonly RateLimitName[]>> = {
  registration: ["registrationsByAddress"],
  mail: ["mailRequestsByAddress", "mailRequestsByAddressLong"],
  link: ["linksByAddress"],
  provider: ["providerStartsByAddress"],
};

export function createLimits({ rules, counting, emit }: LimitsOptions): Limits {
  const { counters, isShared, keyOf } = counting;
  // Hashed: a counter's name tells nobody an address, and is never too long.
  const at = (limit: RateLimitName, ...parts: readonly string[]): readonly Place[] => {
    const rule = rules[limit];
    return rule ? [{ limit, rule, key: parts.join(" ") }] : [];
  };
  const nameOf = ({ limit, rule, key }: Place): string =>
    hash("sha256", `${limit} ${rule.limit} ${rule.window} ${key}`, "base64url");
  const byAddress = (caller: Caller, ...limits: readonly RateLimitName[]): readonly Place[] => {
    const key = keyOf(caller);
    return key === undefined ? [] : limits.flatMap((limit) => at(limit, key));
  };
  const failurePlaces = (caller: Caller): readonly Place[] => {
    const places = byAddress(caller, "signInFailuresByAddress", "signInFailuresByAddressLong");
    if (!caller.address?.includes(":")) return places;
    const key = addressKey(caller.address, widePrefix);
    const wide = places.map(({ limit, rule }) => {
      return { limit, key, rule: { ...rule, limit: rule.limit * wideFactor } };
    });
    return [...places, ...wide];
  };
  const lookAt = (places: readonly Place[]): Promise<readonly CounterOutcome[]> =>
    Promise.all(places.map((place) => counters.look(nameOf(place), place.rule)));
  // Until that very request would pass: another limit may last longer.
  const refusal = ({ place: met, all }: Met, model: Model, caller?: Caller): AuthError => {
    emit("limit.met", { model: model.name, reason: met.limit, ...(caller ? callerDetails(caller) : {}) });
    const longest = Math.max(...all.map(({ retryIn }) => retryIn));
    return new AuthError("too_many_requests", {
      limit: {
        name: met.limit,
        quota: met.rule.limit,
        window: Math.ceil(met.rule.window / 1000),
        retryAfter: Math.max(1, Math.ceil(longest / 1000)),
      },
    });
  };
  const firstMet = async (places: readonly Place[]): Promise<Met | undefined> => {
    const all = await lookAt(places);
    const place = places.find((_, i) => all[i]?.isMet);
    return place && { place, all };
  };
  // Looked at before anything is counted: what one limit refuses uses up nothing of the others.
  const tryCount = async (places: readonly Place[]): Promise<Met | undefined> => {
    const met = places.length > 1 ? await firstMet(places) : undefined;
    if (met) return met;
    for (const place of places) {
      const counted = await counters.count(nameOf(place), place.rule);
      if (counted.isMet) return { place, all: [counted, ...(await lookAt(places))] };
    }
    return undefined;
  };
  const count = async (places: readonly Place[], model: Model, caller?: Caller): Promise<void> => {
    const met = await tryCount(places);
    if (met) throw refusal(met, model, caller);
  };
  const underWay = createUnderWay();
  /** Counts an attempt at an account's password. Whoever meets a limit because others are under way waits for them. */
  const countAttempt = async (
    account: string,
    own: readonly Place[],
    model: Model,
    caller?: Caller,
  ): Promise<CountedGuess> => {
    for (let mayBeElsewhere = isShared; ; ) {
      const end = underWay.begin(account);
      const met = await tryCount(own).catch((error: unknown) => {
        end(false);
        throw error;
      });
      if (!met) {
        const succeeded = (): Promise<void> => forget(own).finally(() => end(true));
        const withdrawn = (): Promise<void> => giveBack(own).finally(() => end(true));
        return { failed: async () => end(false), succeeded, withdrawn };
      }
      end(false);
      if (await underWay.success(account)) continue;
      if (!mayBeElsewhere) throw refusal(met, model, caller);
      mayBeElsewhere = false;
      await setTimeout(attemptTime);
    }
  };
  const giveBack = async (places: readonly Place[]): Promise<void> => {
    for (const place of places) await counters.giveBack?.(nameOf(place), place.rule);
  };
  const forget = async (places: readonly Place[]): Promise<void> => {
    for (const place of places) await counters.forget(nameOf(place));
  };

  return {
    request: (kind, model, caller) => count(byAddress(caller, ...requests[kind]), model, caller),
    mail: (model, recipient, kind) =>
      count(
        (["mailsByRecipient", "mailsByRecipientLong", "mailsByRecipientDay"] as const).flatMap((limit) =>
          at(limit, model.name, kind, recipient),
        ),
        model,
      ),
    change(model, { id, email }, kind) {
      const changes = kind === "email" ? at("emailChangesByAccount", model.name, String(id)) : [];
      const notices =
        email === null
          ? []
          : (["noticesByRecipient", "noticesByRecipientDay"] as const).flatMap((limit) =>
              at(limit, model.name, email),
            );
      return count([...changes, ...notices], model);
    },
    async signInRequest(model, caller) {
      await count(byAddress(caller, "signInsByAddress"), model, caller);
      const met = await firstMet(failurePlaces(caller));
      if (met) throw refusal(met, model, caller);
    },
    async guess(model, name, caller) {
      const account = `${model.name} ${name}`;
      // Without an address of its own, everybody would share the pair with the guesser.
      const address = keyOf(caller);
      const pair =
        address === undefined ? [] : withPauses(at("signInFailuresByAddressAndAccount", account, address));
      const own = [...pair, ...at("signInFailuresByAccount", account)];
      const counted = await countAttempt(account, own, model, caller);
      return {
        ...counted,
        async failed() {
          await counted.failed();
          for (const place of failurePlaces(caller)) await counters.count(nameOf(place), place.rule);
        },
      };
    },
    async knownDevice(model, device) {
      const own = withPauses(at("signInFailuresByKnownDevice", model.name, device));
      return own.length === 0 ? undefined : countAttempt(`device ${device}`, own, model);
    },
    currentPassword(model, accountId) {
      const own = at("currentPasswordFailures", model.name, accountId);
      return countAttempt(`current ${model.name} ${accountId}`, own, model);
    },
  };
}

function withPauses(places: readonly Place[]): readonly Place[] {
  return places.map((place) => ({ ...place, rule: { ...place.rule, pauses: true } }));
}
