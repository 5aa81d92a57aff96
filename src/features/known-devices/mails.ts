import type { MailKind } from "../mail-kind.js";

export const newDeviceNotice: MailKind = {
  name: "new_device_notice",
  templates: new URL("./mails/", import.meta.url),
  carriesLink: true,
};
