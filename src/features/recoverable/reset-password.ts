import type { Account, Model } from "../../accounts/models.js";
import { hashTicket, issueTicket } from "../../accounts/tickets.js";
import type { Authentication } from "../../engine/authentication.js";
import { accountIds } from "../../events.js";
import type { Caller } from "../caller.js";
import { type LinkContents, linkMail } from "../link-mail.js";
import { accountOf, mailIfKnown } from "../mail-if-known.js";
import type { NewPassword } from "../new-password.js";
import { openSession } from "../open-session.js";
import { accountOfResetLink, resetPassword } from "../reset-link.js";
import type { MailContents, Services } from "../services.js";
import { resetPasswordInstructions } from "./mails.js";

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

/** Mails an account the link by which its owner sets a new password. */
export async function mailResetLink(
  services: Services,
  model: Model,
  account: Account,
  redirectUrl: string,
  config?: string,
  more: Pick<MailContents, "provenSince"> = {},
): Promise<void> {
  const link = await issueResetLink(services, model, account, redirectUrl, config);
  await services.mail(resetPasswordInstructions, model, account, {
    to: account.email ?? "",
    ...link,
    ...more,
  });
}

/** Makes such a link, for somebody else to deliver. */
export async function issueResetLink(
  services: Services,
  model: Model,
  account: Account,
  redirectUrl: string,
  config?: string,
): Promise<LinkContents> {
  const lifespan = services.settings.resetPasswordWithin;
  const secret = await issueTicket(services.store, model, account, "password_reset", { lifespan });
  services.emit("password.reset_requested", accountIds(model, account));
  return linkMail({
    path: "/password/edit",
    parameter: "reset_password_token",
    secret,
    lifespan,
    redirectUrl,
    config,
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
  return openSession(services, model, account, caller);
}
