import type { MailSettings } from "../config/mail-settings.js";
import type { Logger } from "../logger.js";
import { createOutbox, type Outbox } from "../mail/outbox.js";
import { smtp } from "../mail/smtp.js";

/** How a server sends mail, and the outbox if it catches the mails instead. */
export interface MailTransport {
  readonly mail: MailSettings;
  readonly outbox: Outbox | undefined;
}

/**
 * Chooses the transport: SMTP if there is a URL of an SMTP server, else the configuration's own `send`, else an outbox that catches the
 * mails. In production nothing is caught: without a transport each mail fails, and a warning says so at the start.
 */
export function chooseTransport(
  configured: MailSettings | undefined,
  options: { readonly smtpUrl: string | undefined; readonly production: boolean; readonly logger: Logger },
): MailTransport {
  const mail = { from: "Keyturn <no-reply@localhost>", ...configured };
  if (options.smtpUrl !== undefined)
    return { mail: { ...mail, send: smtp(options.smtpUrl) }, outbox: undefined };
  if (mail.send) return { mail, outbox: undefined };
  if (!options.production) {
    const outbox = createOutbox();
    return { mail: { ...mail, send: outbox.sendMail }, outbox };
  }
  options.logger.warn(
    {},
    "No mail can be sent: set SMTP_URL, or mail.send in the configuration. Requests that need a mail get 503 until then",
  );
  const send = async (): Promise<void> => {
    throw new Error("There is no mail transport: set SMTP_URL");
  };
  return { mail: { ...mail, send }, outbox: undefined };
}
