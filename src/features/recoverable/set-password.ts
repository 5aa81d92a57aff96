import type { Account, Model } from "../../accounts/models.js";
import { startChecks } from "../../accounts/validation.js";
import type { Authentication } from "../../engine/authentication.js";
import { AuthError } from "../../errors.js";
import type { Call } from "../call.js";
import { checkCurrentPassword } from "../current-password.js";
import {
  announceNewPassword,
  checkedPassword,
  type NewPassword,
  passwordChange,
  renewalFor,
} from "../new-password.js";
import { refuseWithoutPassword } from "../reset-link.js";
import type { Services } from "../services.js";

/** Sets the password of a signed-in account; its session goes on with a new token. Throws AuthError `password_unauthorized` and `invalid`. */
export async function setPassword(
  call: Call,
  { model, account, session }: Authentication,
  next: NewPassword,
  currentPassword: string | undefined,
): Promise<Account> {
  const { services } = call;
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
  const checked = checkedPassword(services, account, next);
  const renewal = renewalFor(services);
  const password = await passwordChange(services, model, checked, { client: session.client, renewal });
  await services.limits.change(model, account, "password");
  // Hashing takes its time. If the session has ended or the password changed meanwhile, this change is refused.
  const changes = { password, by: session.client, ifPasswordHash };
  const updated = await services.store.accounts.update(model, String(account.id), changes);
  if (!updated || updated === "taken") throw new AuthError("password_unauthorized");
  if (renewal) call.credentials = await renewal.finish(model, session.client);
  announceNewPassword(services, model, updated.account);
  return updated.account;
}

/**
 * Sets the password of an account for somebody else than its owner, who is told by mail. Every session ends, whatever
 * `removeTokensAfterPasswordReset` says. Throws AuthError `invalid`, `password_not_required` and `account_not_found`.
 */
export async function replacePassword(
  services: Services,
  model: Model,
  account: Account,
  password: unknown,
): Promise<void> {
  refuseWithoutPassword(account);
  const checked = checkedPassword(services, account, { password, confirmation: undefined });
  const change = await passwordChange(services, model, checked, null);
  const changes = { password: { ...change, endOthers: true } };
  const updated = await services.store.accounts.update(model, String(account.id), changes);
  if (!updated || updated === "taken") throw new AuthError("account_not_found");
  announceNewPassword(services, model, updated.account);
}
