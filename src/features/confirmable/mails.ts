import type { MailKind } from "../mail-kind.js";

export const confirmationInstructions: MailKind = {
  name: "confirmation_instructions",
  templates: new URL("./mails/", import.meta.url),
  carriesLink: true,
  isBeforeProof: true,
};
