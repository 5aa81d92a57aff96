import { createTransport, type SMTPPoolOptions } from "nodemailer";
import type { SendMail } from "./message.js";

/** nodemailer's options for SMTP, with those of its pool. */
export type SmtpOptions = SMTPPoolOptions;

/** A transport over SMTP. `close()` ends its connections, so that the process can exit; it sends nothing after. */
export type SmtpTransport = SendMail & { close(): void };

// Somebody waits for the response to their sign-up meanwhile. All in milliseconds.
const limits = {
  dnsTimeout: 10_000,
  connectionTimeout: 10_000,
  greetingTimeout: 10_000,
  socketTimeout: 10_000,
  // Shorter than socketTimeout: a connection that has nothing to do is closed in good order, not as a failure.
  idleTimeout: 8_000,
  maxRequeues: 1,
} as const satisfies SMTPPoolOptions;

const advice =
  'use "smtp://mail.example.com:587" (STARTTLS) or "smtps://mail.example.com" (TLS from the start), with "user:password@" ' +
  "before the host if it asks for them; write special characters in both as encodeURIComponent does";

/**
 * Sends over SMTP through a pool of connections, by nodemailer.
 *
 * Every step has a limit of 10 s. A user name and password travel only over TLS, unless the server is on this machine
 * or `requireTLS` is false (`?requireTLS=false` in a URL). Throws a `TypeError` for a URL that cannot be used;
 * sending rejects with nodemailer's error.
 *
 * @example
 * createAuth({ mail: { from: "Example <no-reply@example.com>", send: smtp("smtp://user:password@mail.example.com:587") }, … })
 */
export function smtp(urlOrOptions: string | SmtpOptions): SmtpTransport {
  const given = typeof urlOrOptions === "string" ? { url: urlOrOptions } : urlOrOptions;
  if (typeof given !== "object" || given === null || !(given.url ?? given.host ?? given.service)) {
    throw new TypeError(`smtp() needs the address of a mail server: ${advice}`);
  }
  const transport = createTransport({ ...limits, requireTLS: needsTls(given), ...given, pool: true });
  const sendMail: SendMail = async (message) => {
    const { "message-id": messageId, ...headers } = message.headers;
    await transport.sendMail({
      from: message.from,
      // As an object it is one recipient, whatever is in it; a string would be parsed as a list.
      to: { name: "", address: message.to },
      subject: message.subject,
      text: message.text,
      html: message.html,
      // nodemailer would make one of its own beside that of the headers.
      ...(messageId === undefined ? {} : { messageId }),
      headers: { "auto-submitted": "auto-generated", ...headers },
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  };
  return Object.assign(sendMail, { close: () => transport.close() });
}

function needsTls(given: SmtpOptions): boolean {
  const server = given.url === undefined ? undefined : parse(given.url);
  const hasSecret =
    given.auth !== undefined || (server !== undefined && server.username + server.password !== "");
  const host = server?.hostname ?? given.host ?? "";
  return hasSecret && !/^(localhost|127\.[\d.]+|\[?::1\]?)$/i.test(host);
}

function parse(url: string): URL {
  try {
    const parsed = new URL(url);
    if (!/^smtps?:$/.test(parsed.protocol) || parsed.hostname === "")
      throw new TypeError("not a mail server");
    decodeURIComponent(parsed.username + parsed.password);
    return parsed;
  } catch {
    // Without the URL and without the cause, which has it: the password is in there.
    throw new TypeError(`The URL of the mail server cannot be used: ${advice}`);
  }
}
