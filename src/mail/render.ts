import { ConfigError } from "../errors.js";
import { en } from "../texts/en.js";
import { compileTemplates, escapeHtml, oneLine } from "./compile.js";
import type { MailMessage } from "./message.js";
import { carriesLink } from "./templates.js";
import { htmlWords, textWords } from "./words.js";

/** What a mail is about. Templates see all of it as `it`, with `it.appName`, `it.words`, `it.language` and, in HTML, `it.subject`. */
export interface MailData {
  /** The address the mail goes to; for notices about an address, the old one. */
  readonly to: string;
  readonly model: string;
  /**
   * For templates of the user's own. The shipped ones do not greet by name: whoever registers a stranger's address
   * chooses the name too, and with it words that our mail would carry to that stranger.
   */
  readonly account: Readonly<Record<string, unknown>>;
  /** The link to open; required for the kinds that end in `_instructions`. */
  readonly url?: string;
  readonly newEmail?: string;
  /** What people call the provider that the mail is about. */
  readonly provider?: string;
  /** How long the link is valid, in words: "1 hour". */
  readonly validFor?: string;
  readonly redirectUrl?: string;
  /** Which of the client's configurations asked for the mail; "default" when it has but one. */
  readonly config?: string;
}

export type MailRenderer = (name: string, data: MailData) => MailMessage;

/**
 * Makes the function that turns an event into a mail. Files in `templatesDirectory` replace the shipped templates
 * one by one. Throws a `ConfigError` with all mistakes of the options and the templates; the renderer throws a
 * `TypeError` for an address or link that must not be in a mail.
 */
export function createMailRenderer(options: {
  readonly from: string;
  readonly appName: string;
  readonly templatesDirectory?: string;
}): MailRenderer {
  const { from } = options;
  const appName = oneLine(options.appName).trim();
  const { render, problems } = compileTemplates(options.templatesDirectory);
  const mistakes = [
    ...senderProblems(from),
    ...(appName ? [] : ['"appName" must not be empty']),
    ...problems,
  ];
  if (mistakes.length > 0) throw new ConfigError(mistakes.map((problem) => `mail: ${problem}`));

  return (name, data) => {
    refuseUnsafe(name, data);
    const it = { ...data, appName, language: "en" };
    const values = {
      app: appName,
      to: oneLine(data.to),
      newEmail: data.newEmail === undefined ? undefined : oneLine(data.newEmail),
      provider: data.provider === undefined ? undefined : oneLine(data.provider),
      duration: data.validFor === undefined ? undefined : oneLine(data.validFor),
    };
    const plain = textWords(en, name, values);
    const { subject, text } = splitSubject(render(`${name}.text`, { ...it, words: plain }));
    const html = render(`${name}.html`, { ...it, subject, words: htmlWords(en, name, values, escapeHtml) });
    return { to: data.to, from, subject, text, html, headers: headersOf(data) };
  };
}

function splitSubject(rendered: string): { subject: string; text: string } {
  const [first = "", ...rest] = rendered.split("\n");
  return { subject: oneLine(first.replace("Subject:", "")).trim(), text: `${rest.join("\n").trim()}\n` };
}

/** The headers that devise_token_auth's mails carry. */
function headersOf({ config, redirectUrl }: MailData): Record<string, string> {
  const headers: Record<string, string> = { "client-config": oneLine(config ?? "default") };
  // RFC 5322 §2.1.1: no line is longer than 998 characters, and a URL has no place to fold it.
  if (redirectUrl !== undefined && redirectUrl.length <= 900) headers["redirect-url"] = oneLine(redirectUrl);
  return headers;
}

function refuseUnsafe(name: string, data: MailData): void {
  // A separator would add recipients, a line break headers.
  if (!/^[^\s\p{Cc},;:<>()[\]\\]+@[^\s\p{Cc},;:<>()\\@]+$/u.test(data.to)) {
    throw new TypeError('"to" must be one e-mail address without a name');
  }
  if (carriesLink(name) && data.url === undefined) throw new TypeError(`"url" is required for ${name}`);
  if (data.url !== undefined && !/^https?:\/\/[^\s\p{Cc}]+$/iu.test(data.url)) {
    throw new TypeError('"url" must be an absolute http or https URL');
  }
}

function senderProblems(from: string): string[] {
  if (/\p{Cc}/u.test(from)) return ['"from" must be one line'];
  return /^[^@]+@[^@\s]+$/.test(from) ? [] : ['"from" must be an address: "App <no-reply@example.com>"'];
}
