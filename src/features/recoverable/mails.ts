import type { MailKind } from "../mail-kind.js";

export const resetPasswordInstructions: MailKind = {
  name: "reset_password_instructions",
  templates: new URL("./mails/", import.meta.url),
  carriesLink: true,
};
