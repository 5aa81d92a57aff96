import type { Account, Model } from "../accounts/models.js";
import { checkNewPassword, invalid, startChecks } from "../accounts/validation.js";
import type { PasswordChange } from "../database/account-port.js";
import { lifespanOf, settingsFor } from "../engine/rules.js";
import type { Renewal } from "../engine/sessions.js";
import { accountIds } from "../events.js";
import { tooLate, within } from "../time-limit.js";
import type { MailKind } from "./mail-kind.js";
import { notify, type Services } from "./services.js";

export interface NewPassword {
  readonly password: unknown;
  readonly confirmation: unknown;
}

export const passwordChangedNotice: MailKind = {
  name: "password_changed_notice",
  templates: new URL("./mails/", import.meta.url),
  carriesLink: false,
};

/** The new password once it has passed the checks. Throws AuthError `invalid`. */
export function checkedPassword({ settings }: Services, { email }: Account, next: NewPassword): string {
  const checks = startChecks();
  const password = checkNewPassword(next.password, next.confirmation, settings, email, checks);
  return checks.done({ password }).password;
}

/**
 * Hashes a new password that has passed the checks. `keep`: the session that goes on, and the token that it goes on with.
 * Throws AuthError `invalid` for one that is known from a breach.
 */
export async function passwordChange(
  services: Services,
  model: Model,
  password: string,
  keep: { readonly client: string; readonly renewal: Renewal | undefined } | null,
): Promise<PasswordChange> {
  const { hasher, settings } = services;
  if (await isBreached(services, model, password)) throw invalid("password", "breached");
  return {
    hash: await hasher.hash(password),
    keep: keep?.client ?? null,
    renewed: keep?.renewal
      ? { tokenHash: keep.renewal.tokenHash, lifespan: lifespanOf(settingsFor(settings, model)) }
      : null,
    endOthers: settings.removeTokensAfterPasswordReset,
  };
}

/** The new token that a session gets with its account's new password, unless the settings say that it keeps its own. */
export function renewalFor({ sessions, settings }: Services): Renewal | undefined {
  return settings.renewSessionOnPasswordChange ? sessions.startRenewal() : undefined;
}

/** Reports a new password, and tells the owner by mail. */
export function announceNewPassword(services: Services, model: Model, account: Account): void {
  services.emit("password.changed", accountIds(model, account));
  if (account.email !== null) notify(services, passwordChangedNotice, model, account, { to: account.email });
}

/** Milliseconds that a breach check may take. */
const breachCheckTimeout = 3000;

/**
 * Asks the breach check, where there is one. One that fails or is slow lets the password pass, with an event: people have to be
 * able to change a password.
 */
export async function isBreached(
  { settings, emit }: Services,
  model: Model,
  password: string,
): Promise<boolean> {
  const check = settings.isPasswordBreached;
  if (!check) return false;
  try {
    const isFound = await within(breachCheckTimeout, check(password));
    if (isFound !== tooLate) return isFound;
  } catch {
    // As for a check that is too slow.
  }
  emit("password.breach_check_failed", { model: model.name });
  return false;
}
