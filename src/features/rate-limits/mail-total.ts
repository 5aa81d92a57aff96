import { hash } from "node:crypto";
import type { CounterOutcome, CounterRule } from "../../database/counter-port.js";
import { AuthError } from "../../errors.js";
import type { Emit } from "../../events.js";
import type { Counting } from "../counting.js";
import { type MailShare, type MailTotal, noMailTotal } from "../mail-total.js";

/** The total as whoever sends the mails sees it. */
export interface CountedMailTotal extends MailTotal {
  /** Counts a mail that is about to leave. Throws as `refuseIfSpent` does. `provenSince`: unix milliseconds; `null`: nobody has. */
  count(provenSince: number | null): Promise<void>;
}

export interface MailTotalOptions {
  readonly counting: Pick<Counting, "counters">;
  readonly emit: Emit;
  readonly now: () => number;
  readonly warn: (sentence: string) => void;
}

/** What of the total mails to strangers may take: the rest is kept for people who are known. */
const strangersPart = 0.75;
/** The part from which on somebody is told. */
const nearlyAll = 0.8;

interface Place {
  readonly name: "mailsInTotal" | "mailsInTotalToStrangers";
  readonly rule: CounterRule;
}

/** A total for all mails, as the setting has it. An address counts as known once its proof is older than the time that the total is for. */
export function createMailTotal(
  rule: CounterRule | undefined,
  { counting: { counters }, emit, now, warn }: MailTotalOptions,
): CountedMailTotal {
  if (!rule) return { ...noMailTotal, count: async () => undefined };
  const total: Place = { name: "mailsInTotal", rule: { ...rule, isKept: true } };
  const strangers: Place = {
    name: "mailsInTotalToStrangers",
    rule: { ...total.rule, limit: Math.floor(rule.limit * strangersPart) },
  };
  const placesOf = (share: MailShare): readonly Place[] => (share === "known" ? [total] : [strangers, total]);
  const nameOf = ({ name, rule: { limit, window } }: Place, of = ""): string =>
    hash("sha256", `${name} ${limit} ${window} ${of}`, "base64url");

  const refusal = ({ name }: Place, { retryIn }: CounterOutcome): AuthError => {
    emit("limit.met", { reason: name });
    return new AuthError("mail_unavailable", { retryAfter: Math.max(1, Math.ceil(retryIn / 1000)) });
  };
  const refuseIfSpent = async (share: MailShare): Promise<void> => {
    for (const place of placesOf(share)) {
      const outcome = await counters.look(nameOf(place), place.rule);
      if (outcome.isMet) throw refusal(place, outcome);
    }
  };
  /** Tells once for each time that the total is for, of all servers. */
  const tellIfNear = async (place: Place): Promise<void> => {
    const { limit } = place.rule;
    const near = await counters.count(nameOf(place, "near"), {
      ...place.rule,
      limit: Math.ceil(limit * nearlyAll) - 1,
    });
    if (!near.isMet) return;
    const told = await counters.count(nameOf(place, "told"), { limit: 1, window: Math.max(1, near.retryIn) });
    if (told.isMet) return;
    emit("mails.near_limit", { reason: place.name });
    warn(
      place === total
        ? `Four fifths of mailsInTotal are used up: ${limit} mails may leave in this time.`
        : `Four fifths of what mailsInTotal leaves for new addresses are used up: ${limit} mails to them may leave in this time. There may be a flood of sign-ups.`,
    );
  };
  return {
    refuseIfSpent,
    async count(provenSince) {
      const isKnown = provenSince !== null && provenSince <= now() - rule.window;
      const share = isKnown ? "known" : "strangers";
      // Looked at first: what one refuses uses up nothing of the other.
      await refuseIfSpent(share);
      for (const place of placesOf(share)) {
        const outcome = await counters.count(nameOf(place), place.rule);
        if (outcome.isMet) throw refusal(place, outcome);
        await tellIfNear(place);
      }
    },
  };
}
