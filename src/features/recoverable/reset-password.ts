import type { Model } from "../../accounts/models.js";
import { hashTicket } from "../../accounts/tickets.js";
import type { Authentication } from "../../engine/authentication.js";
import type { Caller } from "../caller.js";
import { accountOf, mailIfKnown } from "../mail-if-known.js";
import type { NewPassword } from "../new-password.js";
import { openSession } from "../open-session.js";
import { accountOfResetLink, resetPassword } from "../reset-link.js";
import { mailResetLink } from "../reset-mail.js";
import type { Services } from "../services.js";

/**
 * Mails a link by which the owner of the address can set a new password. Returns the address in its one spelling.
 * Throws AuthError `email_missing`, and unless paranoid `email_unknown`.
 */
export async function requestReset(
  services: Services,
  model: Model,
  email: string | undefined,
  redirectUrl: string,
  config: string | undefined,
): Promise<string> {
  return mailIfKnown(services, model, email, "password_reset", async (address) => {
    const { account, confirmedAt } = await accountOf(services, model, address);
    await mailResetLink(services, model, account, redirectUrl, config, { provenSince: confirmedAt });
  });
}

/** Whether a reset link still works. */
export async function isResetUsable(services: Services, model: Model, secret: string): Promise<boolean> {
  return (await accountOfResetLink(services, model, hashTicket(secret))) !== undefined;
}

/** Opens the session that old clients expect from a reset link: until it has set the password it can do nothing else. */
export async function openResetSession(
  services: Services,
  model: Model,
  secret: string,
  caller: Caller,
): Promise<Authentication | undefined> {
  const limitedTo = hashTicket(secret);
  const record = await accountOfResetLink(services, model, limitedTo);
  return record && services.sessions.create(model, record.account, { ...caller, label: null }, { limitedTo });
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
  return (await openSession(services, model, account, caller)).authentication;
}
