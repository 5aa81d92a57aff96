import type { MailKind } from "../mail-kind.js";

const templates = new URL("./mails/", import.meta.url);

/** To somebody whose address a provider account named, without having verified it: they may know nothing of it. */
export const providerConfirmationInstructions: MailKind = {
  name: "provider_confirmation_instructions",
  templates,
  carriesLink: true,
};

export const confirmationInstructions: MailKind = {
  name: "confirmation_instructions",
  templates,
  carriesLink: true,
  isBeforeProof: true,
};
