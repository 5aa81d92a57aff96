/** A mail as it is handed to a transport: addresses, one-line subject, both bodies, extra headers. */
export interface MailMessage {
  readonly to: string;
  readonly from: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** Extra headers, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Delivers one mail. Resolves when the mail is accepted for delivery and rejects when it is not; nothing is
 * retried by the caller. Any function of this shape is a transport.
 */
export type SendMail = (message: MailMessage) => Promise<void>;
