import type { Account, Model } from "../../accounts/models.js";
import { hashTicket, issueTicket } from "../../accounts/tickets.js";
import { checkNewPassword, messages, startChecks, validationFailure } from "../../accounts/validation.js";
import type { PasswordChange } from "../../database/port.js";
import type { Authentication } from "../../engine/sessions.js";
import { AuthError } from "../../errors.js";
import { accountIds } from "../../events.js";
import { mailIfKnown } from "../confirmable/confirm.js";
import { type Caller, isBreached, notify, type Services } from "../services.js";
import { openSession } from "../sign-in/sign-in.js";

/** Mails a link by which the owner of the address can set a new password. Errors as `resendConfirmation`. */
export async function requestReset(
  services: Services,
  model: Model,
  email: unknown,
  redirectUrl: string,
  config: string | undefined,
): Promise<string> {
  return mailIfKnown(services, model, email, async (account) => {
    const lifespan = services.settings.resetPasswordWithin;
    const secret = await issueTicket(services.store, model, account, "password_reset", { lifespan });
    services.emit("password.reset_requested", accountIds(model, account));
    await services.mail("reset_password_instructions", model, account, {
      to: account.email ?? "",
      link: {
        path: "/password/edit",
        query: { config: config ?? "default", redirect_url: redirectUrl, reset_password_token: secret },
      },
      validFor: lifespan,
      redirectUrl,
      ...(config === undefined ? {} : { config }),
    });
  });
}

/** Whether a reset link still works. Looking does not use it up: mail scanners look too. */
export async function isResetUsable(services: Services, model: Model, secret: string): Promise<boolean> {
  const ticket = await services.store.tickets.find(model, "password_reset", hashTicket(secret));
  return ticket !== undefined && ticket.usedAt === null;
}

/** Opens the session that old clients expect from a reset link: it can only set the password until it has done so. */
export async function openResetSession(
  services: Services,
  model: Model,
  secret: string,
  caller: Caller,
): Promise<Authentication | undefined> {
  const ticket = await services.store.tickets.find(model, "password_reset", hashTicket(secret));
  const record =
    ticket?.usedAt === null ? await services.store.accounts.find(model, ticket.accountId) : undefined;
  if (!ticket || !record) return undefined;
  return services.sessions.create(
    model,
    record.account,
    { ...caller, label: null },
    { limitedTo: ticket.hash },
  );
}

export interface NewPassword {
  readonly password: unknown;
  readonly confirmation: unknown;
}

/**
 * Redeems a reset ticket: sets the password, once. `keep`: the session that the link opened, if it did.
 * Throws AuthError `password_unauthorized` when the ticket is unknown, used or over, and a ValidationFailure.
 */
export async function resetPassword(
  services: Services,
  model: Model,
  ticketHash: string,
  next: NewPassword,
  keep: string | null,
): Promise<Account> {
  const { store, settings } = services;
  const ticket = await store.tickets.find(model, "password_reset", ticketHash);
  const record = ticket?.usedAt === null ? await store.accounts.find(model, ticket.accountId) : undefined;
  if (!record) throw new AuthError("password_unauthorized");
  if (record.account.provider !== "email") {
    throw new AuthError("password_not_required", { subject: record.account.provider });
  }
  const change = await passwordChange(services, model, record.account, next, keep);
  const changed = await store.tickets.resetPassword(model, ticketHash, change, {
    lifespan: settings.tokenLifespan,
    lifetime: settings.sessionLifetime,
  });
  // Another redemption of the same link was faster.
  if (!changed) throw new AuthError("password_unauthorized");
  announceNewPassword(services, model, changed.account);
  return changed.account;
}

/** The same for clients that hold the link's secret instead of a session: signs in afterwards. */
export async function resetPasswordBySecret(
  services: Services,
  model: Model,
  secret: string,
  next: NewPassword,
  caller: Caller,
): Promise<Authentication> {
  const account = await resetPassword(services, model, hashTicket(secret), next, null);
  return openSession(services, model, account, caller);
}

/** Checks and hashes a new password. Throws a ValidationFailure. */
export async function passwordChange(
  services: Services,
  model: Model,
  account: Account,
  next: NewPassword,
  keep: string | null,
): Promise<PasswordChange> {
  const { hasher, settings } = services;
  const checks = startChecks();
  const password = checkNewPassword(next.password, next.confirmation, settings, account.email, checks);
  const right = checks.done({ password });
  if (await isBreached(services, model, right.password))
    throw validationFailure("password", messages.breached);
  return {
    hash: await hasher.hash(right.password),
    keep,
    endOthers: settings.removeTokensAfterPasswordReset,
  };
}

/** Tells the owner that the password is another one now. */
export function announceNewPassword(services: Services, model: Model, account: Account): void {
  services.emit("password.changed", accountIds(model, account));
  if (account.email !== null)
    notify(services, "password_changed_notice", model, account, { to: account.email });
}
