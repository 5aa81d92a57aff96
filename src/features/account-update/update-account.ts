import type { Account, Model } from "../../accounts/models.js";
import { issueTicket, newTicketSecret, type TicketSecret } from "../../accounts/tickets.js";
import {
  type Checks,
  checkEmail,
  checkFields,
  checkNewPassword,
  messages,
  startChecks,
  validationFailure,
} from "../../accounts/validation.js";
import type { AccountChanges } from "../../database/port.js";
import type { Authentication } from "../../engine/sessions.js";
import { AuthError } from "../../errors.js";
import { accountIds } from "../../events.js";
import { announceNewEmail, confirmationLink } from "../confirmable/confirm.js";
import { announceNewPassword, type NewPassword, passwordChange } from "../recoverable/reset-password.js";
import { notify, type Services } from "../services.js";

/** What an account update says; `undefined`: not sent. */
export interface AccountUpdate {
  readonly email: unknown;
  readonly password: unknown;
  readonly passwordConfirmation: unknown;
  readonly currentPassword: unknown;
  readonly values: Readonly<Record<string, unknown>>;
  /** Where the link of a mail about a new address leads; checked by now. */
  readonly redirectUrl: string | undefined;
  readonly config: string | undefined;
}

/**
 * Changes the account of a session. A new address of a reconfirmable model takes effect when its owner visits the link.
 * All changes or none. Throws a ValidationFailure.
 */
export async function updateAccount(
  services: Services,
  { model, account, session }: Authentication,
  update: AccountUpdate,
): Promise<Account> {
  const { store, settings } = services;
  const checks = startChecks();
  const fields = checkFields(model, update.values, "account_update", checks);
  const email = update.email === undefined ? undefined : checkEmail(update.email, checks);
  const newEmail = email === account.email ? undefined : email;
  if (newEmail !== undefined && (await store.accounts.findByEmail(model, newEmail)))
    checks.add("email", messages.taken);
  // Clients send a form's empty parts as null.
  const changesPassword = [update.password, update.passwordConfirmation].some(
    (part) => (part ?? null) !== null,
  );
  if (changesPassword)
    checkNewPassword(update.password, update.passwordConfirmation, settings, account.email, checks);
  const sensitive = changesPassword || newEmail !== undefined;
  const required =
    settings.checkCurrentPasswordBeforeUpdate === "attributes" ||
    (settings.checkCurrentPasswordBeforeUpdate === "password" && sensitive);
  const passwordHash = await checkCurrentPassword(
    services,
    model,
    account,
    update.currentPassword,
    required,
    checks,
  );
  checks.done({});

  const next = { password: update.password, confirmation: update.passwordConfirmation };
  const password = changesPassword
    ? await passwordChange(services, model, account, next, session.client)
    : undefined;
  const allFields = await services.hooks.beforeUpdate(model, account, newEmail, fields);
  const pending = newEmail !== undefined && model.reconfirmable ? newTicketSecret() : undefined;
  // Behind every check, and before anything is changed: if the mail cannot be sent, nothing is.
  if (pending !== undefined && newEmail !== undefined)
    await mailNewAddress(services, model, account, newEmail, pending, update);
  const changes: AccountChanges = {
    fields: allFields,
    by: session.client,
    ...(sensitive ? { ifPasswordHash: passwordHash } : {}),
    ...(password ? { password } : {}),
    ...(newEmail !== undefined && !model.reconfirmable ? { email: newEmail } : {}),
  };
  const updated = await store.accounts.update(model, String(account.id), changes);
  if (updated === "taken") throw validationFailure("email", messages.taken);
  if (!updated) throw new AuthError("user_not_found");
  services.emit("account.updated", accountIds(model, account));
  if (changesPassword) announceNewPassword(services, model, updated.account);
  if (newEmail === undefined) {
    // Whoever states the address that the account has does not want another one.
    if (email !== undefined) await store.tickets.cancel(model, String(account.id), "email_change");
  } else if (pending === undefined) {
    announceNewEmail(services, model, updated.account, account.email);
  } else {
    const options = {
      lifespan: settings.confirmWithin,
      email: newEmail,
      by: session.client,
      secret: pending,
    };
    await issueTicket(store, model, account, "email_change", options);
    if (account.email !== null)
      notify(services, "email_change_notice", model, account, { to: account.email, newEmail });
  }
  return updated.account;
}

/** Sets the password of a signed-in account. Throws AuthError `password_not_required`, and a ValidationFailure. */
export async function setPassword(
  services: Services,
  { model, account, session }: Authentication,
  next: NewPassword,
  currentPassword: unknown,
): Promise<Account> {
  if (account.provider !== "email")
    throw new AuthError("password_not_required", { subject: account.provider });
  const checks = startChecks();
  const required = services.settings.checkCurrentPasswordBeforeUpdate !== false;
  const ifPasswordHash = await checkCurrentPassword(
    services,
    model,
    account,
    currentPassword,
    required,
    checks,
  );
  checks.done({});
  const password = await passwordChange(services, model, account, next, session.client);
  // Hashing takes its time: if the session or the password is another one by now, somebody else was right to be faster.
  const changes = { password, by: session.client, ifPasswordHash };
  const updated = await services.store.accounts.update(model, String(account.id), changes);
  if (!updated || updated === "taken") throw new AuthError("password_unauthorized");
  announceNewPassword(services, model, updated.account);
  return updated.account;
}

/** Deletes an account with everything that belongs to it. */
export async function deleteAccount(services: Services, model: Model, account: Account): Promise<void> {
  if (!(await services.store.accounts.delete(model, String(account.id))))
    throw new AuthError("account_not_found");
  services.emit("account.deleted", accountIds(model, account));
  await services.hooks.afterDelete(model, account);
}

// Checked when it is required, and when it is given: whoever sends it wants it checked. A blank one is not given. Answers the hash
// that the account has, for the change to be made on that one only.
async function checkCurrentPassword(
  { store, hasher, emit }: Services,
  model: Model,
  account: Account,
  given: unknown,
  required: boolean,
  checks: Checks,
): Promise<string | null> {
  const record = await store.accounts.find(model, String(account.id));
  const hash = record?.passwordHash ?? null;
  if (!required && (given === undefined || given === null || given === "")) return hash;
  if (typeof given !== "string" || given === "") {
    checks.add("current_password", messages.blank);
    return hash;
  }
  const { valid } = await hasher.verify(hash, given);
  if (!valid) {
    emit("password.change_failed", accountIds(model, account));
    checks.add("current_password", messages.invalid);
  }
  return hash;
}

async function mailNewAddress(
  services: Services,
  model: Model,
  account: Account,
  newEmail: string,
  secret: TicketSecret,
  { redirectUrl, config }: AccountUpdate,
): Promise<void> {
  await services.mail("email_change_instructions", model, account, {
    to: newEmail,
    newEmail,
    link: confirmationLink(secret, redirectUrl ?? services.settings.defaultConfirmSuccessUrl, config),
    validFor: services.settings.confirmWithin,
    ...(redirectUrl === undefined ? {} : { redirectUrl }),
    ...(config === undefined ? {} : { config }),
  });
}
