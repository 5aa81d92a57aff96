import type { Account } from "../../accounts/models.js";
import { issueTicket, newTicketSecret } from "../../accounts/tickets.js";
import {
  checkEmail,
  checkFields,
  checkNewPassword,
  invalid,
  startChecks,
} from "../../accounts/validation.js";
import type { AccountChanges } from "../../database/account-port.js";
import type { Authentication } from "../../engine/authentication.js";
import { AuthError } from "../../errors.js";
import { accountIds } from "../../events.js";
import type { Call } from "../call.js";
import { checkCurrentPassword } from "../current-password.js";
import { announceNewEmail, mailEmailChange } from "../email-change.js";
import { announceNewPassword, passwordChange, renewalFor } from "../new-password.js";
import { notify, type Services } from "../services.js";
import { emailChangeNotice } from "./mails.js";

/** What an account update says; `undefined`: not sent. */
export interface AccountUpdate {
  readonly email: string | undefined;
  readonly password: string | undefined;
  readonly passwordConfirmation: string | undefined;
  readonly currentPassword: string | undefined;
  readonly values: Readonly<Record<string, unknown>>;
  /** Where the link of a mail about a new address leads; checked already. */
  readonly redirectUrl: string | undefined;
  readonly config: string | undefined;
}

/** What of an update has passed the checks. */
interface CheckedUpdate {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly newEmail: string | undefined;
  readonly newPassword: string | undefined;
  /** The hash that the account had when its current password was checked. */
  readonly passwordHash: string | null;
}

/**
 * Changes the account of a session: all changes or none. A new address of a reconfirmable model takes effect when its owner visits
 * the link. Throws AuthError `invalid` with everything that is wrong, and `user_not_found` when the session has ended meanwhile.
 */
export async function updateAccount(
  call: Call,
  authentication: Authentication,
  update: AccountUpdate,
): Promise<Account> {
  const { model, account, session } = authentication;
  const { services } = call;
  const { store } = services;
  const checked = await checkUpdate(services, authentication, update);
  const { newEmail, newPassword } = checked;
  const changesPassword = newPassword !== undefined;
  const renewal = changesPassword ? renewalFor(services) : undefined;
  const password = changesPassword
    ? await passwordChange(services, model, newPassword, { client: session.client, renewal })
    : undefined;
  const fields = await services.hooks.beforeUpdate(model, {
    account,
    email: newEmail,
    fields: checked.fields,
    params: call.permitted(),
  });
  // After every check, and before anything is changed: if the mail cannot be sent, nothing is.
  const secret =
    newEmail !== undefined && model.reconfirmable
      ? await mailNewAddress(services, authentication, newEmail, update)
      : undefined;
  const isSensitive = changesPassword || newEmail !== undefined;
  const changes: AccountChanges = {
    fields,
    by: session.client,
    // Whoever states the address that the account has does not want another one.
    cancelsEmailChange: newEmail === undefined && update.email !== undefined,
    ...(isSensitive ? { ifPasswordHash: checked.passwordHash } : {}),
    ...(password ? { password } : {}),
    ...(newEmail !== undefined && secret === undefined ? { email: newEmail } : {}),
  };
  const updated = await store.accounts.update(model, String(account.id), changes);
  if (updated === "taken") throw invalid("email", "taken");
  if (!updated) throw new AuthError("user_not_found");
  if (renewal) call.credentials = await renewal.finish(model, session.client);
  services.emit("account.updated", accountIds(model, account));
  if (changesPassword) announceNewPassword(services, model, updated.account);
  if (newEmail === undefined) return updated.account;
  if (secret === undefined) {
    announceNewEmail(services, model, updated.account, account.email);
  } else {
    const lifespan = services.settings.confirmWithin;
    const options = { lifespan, email: newEmail, by: session.client, secret };
    await issueTicket(store, model, account, "email_change", options);
    if (account.email !== null)
      notify(services, emailChangeNotice, model, account, { to: account.email, newEmail });
  }
  return updated.account;
}

async function checkUpdate(
  services: Services,
  { model, account }: Authentication,
  update: AccountUpdate,
): Promise<CheckedUpdate> {
  const { store, settings } = services;
  const checks = startChecks();
  const fields = checkFields(model, update.values, "account_update", checks);
  const email = update.email === undefined ? undefined : checkEmail(update.email, checks);
  const newEmail = email === account.email ? undefined : email;
  if (newEmail !== undefined) {
    const other = await store.accounts.findByEmail(model, newEmail);
    // A column that ignores case finds the account itself under another spelling of its address.
    if (other && String(other.account.id) !== String(account.id)) checks.add("email", { code: "taken" });
  }
  const changesPassword = update.password !== undefined || update.passwordConfirmation !== undefined;
  const newPassword = changesPassword
    ? checkNewPassword(update.password, update.passwordConfirmation, settings, account.email, checks)
    : undefined;
  const when = settings.checkCurrentPasswordBeforeUpdate;
  const isRequired =
    when === "attributes" || (when === "password" && (changesPassword || newEmail !== undefined));
  const passwordHash = await checkCurrentPassword(
    services,
    model,
    account,
    update.currentPassword,
    isRequired,
    checks,
  );
  checks.done({});
  return { fields, newEmail, newPassword, passwordHash };
}

async function mailNewAddress(
  services: Services,
  { model, account }: Authentication,
  newEmail: string,
  { redirectUrl = services.settings.defaultConfirmSuccessUrl, config }: AccountUpdate,
) {
  await services.limits.emailChange(model, String(account.id));
  await services.limits.mail(model, newEmail, "email_change");
  const secret = newTicketSecret();
  await mailEmailChange(services, model, account, newEmail, secret, { redirectUrl, config });
  return secret;
}
