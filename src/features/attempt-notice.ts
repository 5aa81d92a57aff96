import type { Account, Model } from "../accounts/models.js";
import type { MailKind } from "./mail-kind.js";
import type { Services } from "./services.js";

export const registrationAttemptNotice: MailKind = {
  name: "registration_attempt_notice",
  templates: new URL("./mails/", import.meta.url),
  carriesLink: false,
  isBeforeProof: true,
};

/**
 * Tells the owner of an address that somebody else wanted it for an account. No link that confirms goes along, also where nobody has
 * confirmed the account: whoever made it may be somebody else, and knows its password.
 */
export async function tellOfAttempt(
  services: Services,
  model: Model,
  owner: Account,
  email: string,
): Promise<void> {
  await services.mail(registrationAttemptNotice, model, owner, {
    to: email,
    // Whoever filled in the form need not be the owner, and does not choose the language.
    header: () => undefined,
  });
}
