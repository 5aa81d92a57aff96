import type { Model } from "../../accounts/models.js";
import type { AccountRecord } from "../../database/account-port.js";
import { accountIds } from "../../events.js";
import { holdersOfNames } from "../account-names.js";
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

/**
 * Deletes the abandoned accounts that have the address, or another name of the account, once the registration has passed every check. One
 * that was confirmed meanwhile stays.
 */
export const freeAddress: RegistrationStep = async (attempt) => {
  const { services, model } = attempt;
  if (services.settings.unconfirmedAccountsExpireAfter === null) return;
  const { email, fields } = found(attempt, "checked");
  const holder = await services.store.accounts.findByEmail(model, email);
  if (holder) await deleteAbandoned(services, model, holder);
  for (const { record } of await holdersOfNames(services, model, fields))
    await deleteAbandoned(services, model, record);
};

async function deleteAbandoned(services: Services, model: Model, holder: AccountRecord): Promise<void> {
  const { store, emit, hooks } = services;
  if (!(await isAbandoned(services, model, holder))) return;
  if (!(await store.accounts.deleteUnconfirmed(model, String(holder.account.id)))) return;
  emit("account.deleted", {
    ...accountIds(model, holder.account),
    reason: "never confirmed",
    actor: undefined,
  });
  await hooks.afterDelete(model, holder.account);
}
