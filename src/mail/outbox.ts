import type { MailMessage, SendMail } from "./message.js";

/** A mail that an outbox has kept. `sentAt` is in ISO 8601. As JSON it is a row of the demo's `GET /inbox/messages`. */
export interface CaughtMail extends MailMessage {
  readonly sentAt: string;
}

export interface Outbox {
  /** The transport to configure; it always succeeds. */
  readonly sendMail: SendMail;
  /** The mails kept, newest first; `to` compares without regard to case. */
  messages(filter?: { readonly to?: string }): readonly CaughtMail[];
  clear(): void;
}

/**
 * A transport that delivers nothing and keeps the last mails in memory: for development and for tests.
 * @param options.limit how many mails are kept; 500 unless told. The oldest go first.
 *
 * @example
 * const outbox = createOutbox(); // mail: { from: "App <no-reply@example.com>", send: outbox.sendMail }
 * outbox.messages({ to: "ada@example.com" })[0]?.text;
 */
export function createOutbox(options: { readonly limit?: number } = {}): Outbox {
  const limit = options.limit ?? 500;
  if (!Number.isInteger(limit) || limit < 1)
    throw new TypeError('"limit" must be a whole number of at least 1');
  let caught: readonly CaughtMail[] = [];

  return {
    async sendMail({ to, from, subject, text, html, headers }) {
      const mail = {
        to,
        from,
        subject,
        text,
        html,
        headers: { ...headers },
        sentAt: new Date().toISOString(),
      };
      caught = [mail, ...caught].slice(0, limit);
    },
    messages({ to } = {}) {
      if (to === undefined) return caught;
      return caught.filter((mail) => mail.to.toLowerCase() === to.toLowerCase());
    },
    clear() {
      caught = [];
    },
  };
}
