import type { Model } from "../../accounts/models.js";
import type { AccountRecord } from "../../database/account-port.js";
import { accountIds } from "../../events.js";
import type { Services } from "../services.js";
import { found, type RegistrationStep } from "../steps.js";

/**
 * Whether an account was registered, and never confirmed, so long ago that its address is free again. One that somebody uses is not: a
 * provider may have let its owner in.
 */
export async function isAbandoned(
  { settings, now, store }: Services,
  model: Model,
  { account, confirmedAt }: AccountRecord,
): Promise<boolean> {
  const limit = settings.unconfirmedAccountsExpireAfter;
  if (!model.confirmable || limit === null || confirmedAt !== null) return false;
  // A table of the app's own may not know when an account was made: then it stays.
  if (!(now() - Date.parse(account.created_at) > limit)) return false;
  const id = String(account.id);
  const [identities, sessions] = await Promise.all([
    store.identities.list(model, id),
    store.sessions.list(model, id),
  ]);
  return identities.length === 0 && sessions.length === 0;
}

/** Deletes the abandoned account that has the address, once the registration has passed every check. One that was confirmed meanwhile stays. */
export const freeAddress: RegistrationStep = async (attempt) => {
  const { services, model } = attempt;
  const { store, emit, hooks, settings } = services;
  if (settings.unconfirmedAccountsExpireAfter === null) return;
  const holder = await store.accounts.findByEmail(model, found(attempt, "checked").email);
  if (!holder || !(await isAbandoned(services, model, holder))) return;
  if (!(await store.accounts.deleteUnconfirmed(model, String(holder.account.id)))) return;
  emit("account.deleted", {
    ...accountIds(model, holder.account),
    reason: "never confirmed",
    actor: undefined,
  });
  await hooks.afterDelete(model, holder.account);
};
