import type { Model } from "../../accounts/models.js";
import type { MailKind } from "../mail-kind.js";
import type { Services } from "../services.js";

export const registrationAttemptNotice: MailKind = {
  name: "registration_attempt_notice",
  templates: new URL("./mails/", import.meta.url),
  carriesLink: false,
  isBeforeProof: true,
};

/**
 * Tells the owner of an address that somebody registered with it. No link that confirms goes along, also where nobody has confirmed the
 * account: whoever made it may be somebody else, and knows its password.
 */
export async function tellOfAttempt(services: Services, model: Model, email: string): Promise<void> {
  const record = await services.store.accounts.findByEmail(model, email);
  if (!record) return;
  await services.mail(registrationAttemptNotice, model, record.account, {
    to: email,
    // Whoever filled in the form need not be the owner, and does not choose the language.
    header: () => undefined,
  });
}
