export type { MailMessage, SendMail } from "./message.js";
export { type CaughtMail, createOutbox, type Outbox } from "./outbox.js";
export { createMailRenderer, type MailData, type MailRenderer } from "./render.js";
export { type SmtpOptions, type SmtpTransport, smtp } from "./smtp.js";
