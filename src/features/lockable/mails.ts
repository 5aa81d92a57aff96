import type { MailKind } from "../mail-kind.js";

export const unlockInstructions: MailKind = {
  name: "unlock_instructions",
  templates: new URL("./mails/", import.meta.url),
  carriesLink: true,
};
