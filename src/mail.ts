export type { MailMessage, SendMail } from "./mail/message.js";
export { type CaughtMail, createOutbox, type Outbox } from "./mail/outbox.js";
export { createMailRenderer, type MailData, type MailKind, type MailRenderer } from "./mail/render.js";
export { type SmtpOptions, type SmtpTransport, smtp } from "./mail/smtp.js";
