import { z } from "zod";
import type { MailColors, MailLogo, SendMail, WriteMail } from "../mail/message.js";
import { parseUrl } from "../parse-url.js";
import { checkColors } from "./mail-colors.js";

export interface MailSettings {
  /** Sender of every mail, as soon as `mail` is set: `"Example <no-reply@example.com>"`. Required. */
  readonly from: string;
  /** Name of the app in the mails, and on the pages that their links show. Default: the host of `baseUrl`. */
  readonly appName?: string;
  /** Whether subjects name the app: "Confirm your email address for Example". `false`: devise_token_auth's subjects, "Confirmation instructions". Default: `true` with an `appName`. */
  readonly subjectsNameApp?: boolean;
  /** Colours of the button, in mails and on those pages: `{ button: "#0f6b5c", darkButton: "#16806b" }`. Default: a green. */
  readonly colors?: MailColors;
  /** Picture above each mail: `{ src: "https://example.com/logo.png", width: 120, height: 32 }`. Default: the first letter of the app's name. */
  readonly logo?: MailLogo;
  /** Delivers a mail: `smtp("smtp://…")`, or a function of your own. Default outside production: the mail's text goes to the logger. */
  readonly send?: SendMail;
  /** Writes a mail in your own way, with React Email for one; `undefined` leaves it as it is. Default: none. */
  readonly write?: WriteMail;
  /** Folder of templates that replace the built-in ones, by name. Default: none. */
  readonly templatesDirectory?: string;
}

const functionOf = <Function>() =>
  z.custom<Function>((value) => typeof value === "function", "must be a function");
const color = z.string().regex(/^#[0-9a-f]{6}$/i, 'must be a colour such as "#0f6b5c"');
const picture = z
  .string()
  .refine((url) => parseUrl(url)?.protocol === "https:", "must be an absolute https URL");
const pixels = z.int().min(1, "must be at least 1");

const colors = z.strictObject({
  button: color.optional(),
  buttonText: color.optional(),
  darkButton: color.optional(),
  darkButtonText: color.optional(),
});
const logo = z.strictObject({
  src: picture,
  darkSrc: picture.optional(),
  width: pixels.max(520, "must be at most 520, the width of a mail"),
  height: pixels,
});
const schema = z.strictObject({
  from: z.string().min(1),
  appName: z.string().min(1).optional(),
  subjectsNameApp: z.boolean().optional(),
  colors: colors.optional(),
  logo: logo.optional(),
  send: functionOf<SendMail>().optional(),
  write: functionOf<WriteMail>().optional(),
  templatesDirectory: z.string().min(1).optional(),
});

/** Names of what `mail` may say, by their place. */
export const mailKeys: Readonly<Record<string, readonly string[]>> = {
  mail: Object.keys(schema.shape),
  "mail.colors": Object.keys(colors.shape),
  "mail.logo": Object.keys(logo.shape),
};

export const mailSchema = schema.optional() as z.ZodType<MailSettings | undefined>;

/** What no single value of `mail` can tell: whether its button can be read. */
export function checkMail(mail: MailSettings | undefined): readonly string[] {
  return checkColors(mail?.colors);
}
