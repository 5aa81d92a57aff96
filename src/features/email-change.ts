import type { Account, Model } from "../accounts/models.js";
import { accountIds } from "../events.js";
import { linkMail } from "./link-mail.js";
import type { MailKind } from "./mail-kind.js";
import { notify, type Services } from "./services.js";

const templates = new URL("./mails/", import.meta.url);

export const emailChangeInstructions: MailKind = {
  name: "email_change_instructions",
  templates,
  carriesLink: true,
  isBeforeProof: true,
};

export const emailChangedNotice: MailKind = { name: "email_changed_notice", templates, carriesLink: false };

/** The link that proves an address, an account's first one or a new one, and what its mail says of it. */
export function confirmationMail(
  secret: string,
  lifespan: number,
  redirectUrl: string | undefined,
  config: string | undefined,
): ReturnType<typeof linkMail> {
  return linkMail({
    path: "/confirmation",
    parameter: "confirmation_token",
    secret,
    lifespan,
    redirectUrl,
    config,
  });
}

/** Reports that an account has a new address, and tells the old one by mail. */
export function announceNewEmail(
  services: Services,
  model: Model,
  account: Account,
  oldEmail: string | null,
): void {
  services.emit("account.email_changed", accountIds(model, account));
  if (oldEmail === null || account.email === null) return;
  notify(services, emailChangedNotice, model, account, { to: oldEmail, newEmail: account.email });
}

/** Mails the link that makes a new address an account's own. */
export async function mailEmailChange(
  services: Services,
  model: Model,
  account: Account,
  newEmail: string,
  secret: string,
  target: { readonly redirectUrl: string | undefined; readonly config: string | undefined },
): Promise<void> {
  const { confirmWithin } = services.settings;
  await services.mail(emailChangeInstructions, model, account, {
    to: newEmail,
    newEmail,
    ...confirmationMail(secret, confirmWithin, target.redirectUrl, target.config),
  });
}
