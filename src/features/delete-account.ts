import type { Account, Model } from "../accounts/models.js";
import { AuthError } from "../errors.js";
import { accountIds } from "../events.js";
import type { Services } from "./services.js";

/**
 * Deletes an account with everything that belongs to it. `by`: the session that asks. Throws AuthError `account_not_found`, also if
 * that session has ended meanwhile, and `account_in_use` where a table of the app's own refers to the account and forbids it.
 */
export async function deleteAccount(
  services: Services,
  model: Model,
  account: Account,
  by?: string,
): Promise<void> {
  if (!(await services.store.accounts.delete(model, String(account.id), by)))
    throw new AuthError("account_not_found");
  services.emit("account.deleted", accountIds(model, account));
  await services.hooks.afterDelete(model, account);
}
