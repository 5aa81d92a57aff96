import type { MailKind } from "../mail-kind.js";

export const signInFailuresNotice: MailKind = {
  name: "sign_in_failures_notice",
  templates: new URL("./mails/", import.meta.url),
  carriesLink: false,
};
