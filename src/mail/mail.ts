export type {
  MailColors,
  MailLogo,
  MailMessage,
  MailToWrite,
  SendMail,
  WriteMail,
  WrittenMail,
} from "./message.js";
export { type CaughtMail, createOutbox, type Outbox } from "./outbox.js";
export { createMailRenderer, type MailData, type MailRenderer, type MailRendererOptions } from "./render.js";
export { type SmtpOptions, type SmtpTransport, smtp } from "./smtp.js";
