import type { MailKind } from "../mail-kind.js";

export const invitationInstructions: MailKind = {
  name: "invitation_instructions",
  templates: new URL("./mails/", import.meta.url),
  carriesLink: true,
  isBeforeProof: true,
};
