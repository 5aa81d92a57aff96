import { hash } from "node:crypto";
import type { Model } from "../../accounts/models.js";
import type { CounterStore } from "../../database/counter-port.js";
import type { Store } from "../../database/port.js";
import { countedName, findNamed } from "../account-names.js";
import type { SignInAttempt } from "../steps.js";
import { signInFailuresNotice } from "./mails.js";
import { createMemoryCounters } from "./memory-counters.js";

/** At most one mail a day, for each account. */
const onceADay = { limit: 1, window: 24 * 3_600_000 };

/** Notices that this process knows to have been sent: a flood is no reason to ask the database each time. */
const toldHere = new WeakMap<Store, CounterStore>();

/**
 * Tells the owner of an account by mail that guesses at its password have met the limit. After the response, so that its time tells
 * nobody of the account. A lockable model has its own mail, at a number that is met before.
 */
export function tellOfFailures({ services, model, name }: SignInAttempt): void {
  if (!name || model.lockable || !model.signInFailuresNotice) return;
  const { store, now } = services;
  const told = toldHere.get(store) ?? createMemoryCounters(now, 1000);
  toldHere.set(store, told);
  services.afterResponse(async () => {
    if ((await told.count(counterOf(model, countedName(name)), onceADay)).isMet) return;
    const record = await findNamed(services, model, name);
    const to = record?.account.email ?? null;
    if (!record || to === null || record.confirmedAt === null) return;
    if ((await store.counters.count(counterOf(model, `account ${record.account.id}`), onceADay)).isMet)
      return;
    await services.mail(signInFailuresNotice, model, record.account, {
      to,
      // Whoever guesses passwords does not choose the language of the mail.
      header: () => undefined,
    });
  });
}

function counterOf(model: Model, name: string): string {
  return hash("sha256", `failures notice ${model.name} ${name}`, "base64url");
}
