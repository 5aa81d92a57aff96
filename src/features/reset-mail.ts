import type { Account, Model } from "../accounts/models.js";
import { issueTicket } from "../accounts/tickets.js";
import { accountIds } from "../events.js";
import { type LinkContents, linkMail } from "./link-mail.js";
import type { MailKind } from "./mail-kind.js";
import type { MailContents, Services } from "./services.js";

export const resetPasswordInstructions: MailKind = {
  name: "reset_password_instructions",
  templates: new URL("./mails/", import.meta.url),
  carriesLink: true,
};

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
