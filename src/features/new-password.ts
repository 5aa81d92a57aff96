import type { Account, Model } from "../accounts/models.js";
import { checkNewPassword, invalid, startChecks } from "../accounts/validation.js";
import type { PasswordChange } from "../database/account-port.js";
import { lifespanOf } from "../engine/rules.js";
import type { Renewal } from "../engine/sessions.js";
import { accountIds } from "../events.js";
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

/**
 * Checks and hashes a new password. `keep`: the session that goes on, and the token that it goes on with.
 * Throws AuthError `invalid`.
 */
export async function passwordChange(
  services: Services,
  model: Model,
  account: Account,
  next: NewPassword,
  keep: { readonly client: string; readonly renewal: Renewal | undefined } | null,
): Promise<PasswordChange> {
  const { hasher, settings } = services;
  const checks = startChecks();
  const password = checkNewPassword(next.password, next.confirmation, settings, account.email, checks);
  const right = checks.done({ password });
  if (await isBreached(services, model, right.password)) throw invalid("password", "breached");
  return {
    hash: await hasher.hash(right.password),
    keep: keep?.client ?? null,
    renewed: keep?.renewal ? { tokenHash: keep.renewal.tokenHash, lifespan: lifespanOf(settings) } : null,
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
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error("The breach check took too long")), breachCheckTimeout);
  });
  try {
    return await Promise.race([check(password), tooLate]);
  } catch {
    emit("password.breach_check_failed", { model: model.name });
    return false;
  } finally {
    clearTimeout(timer);
  }
}
