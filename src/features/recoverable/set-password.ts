import type { Account } from "../../accounts/models.js";
import { startChecks } from "../../accounts/validation.js";
import type { Authentication } from "../../engine/sessions.js";
import { AuthError } from "../../errors.js";
import { checkCurrentPassword } from "../current-password.js";
import { announceNewPassword, type NewPassword, passwordChange } from "../new-password.js";
import type { Services } from "../services.js";

/** Sets the password of a signed-in account. Throws AuthError `password_unauthorized` and `invalid`. */
export async function setPassword(
  services: Services,
  { model, account, session }: Authentication,
  next: NewPassword,
  currentPassword: string | undefined,
): Promise<Account> {
  const checks = startChecks();
  const isRequired = services.settings.checkCurrentPasswordBeforeUpdate !== false;
  const ifPasswordHash = await checkCurrentPassword(
    services,
    model,
    account,
    currentPassword,
    isRequired,
    checks,
  );
  checks.done({});
  const password = await passwordChange(services, model, account, next, session.client);
  // Hashing takes its time. If the session has ended or the password changed meanwhile, this change is refused.
  const changes = { password, by: session.client, ifPasswordHash };
  const updated = await services.store.accounts.update(model, String(account.id), changes);
  if (!updated || updated === "taken") throw new AuthError("password_unauthorized");
  announceNewPassword(services, model, updated.account);
  return updated.account;
}
