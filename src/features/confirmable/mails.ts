import type { MailKind } from "../feature.js";

export const confirmationInstructions: MailKind = {
  name: "confirmation_instructions",
  templates: new URL("./mails/", import.meta.url),
  carriesLink: true,
};
