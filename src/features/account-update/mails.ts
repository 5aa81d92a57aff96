import type { MailKind } from "../mail-kind.js";

export const emailChangeNotice: MailKind = {
  name: "email_change_notice",
  templates: new URL("./mails/", import.meta.url),
  carriesLink: false,
};
