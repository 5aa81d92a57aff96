import { createBrand } from "../config/mail-colors.js";
import { ConfigError } from "../errors.js";
import { english, type Language } from "../texts/language.js";
import { oneLine } from "../texts/one-line.js";
import { compileTemplates, escapeHtml } from "./compile.js";
import { headersOf } from "./headers.js";
import type { MailColors, MailLogo, MailMessage, MailToWrite } from "./message.js";
import { carriesLink } from "./templates.js";
import { sides, tryTemplates } from "./try-templates.js";
import { htmlWords, plainWords, textWords } from "./words.js";

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
  /** Browser and system that the mail is about: "Firefox (Windows)". */
  readonly device?: string;
  /** How long the link is valid, in words: "1 hour". */
  readonly validFor?: string;
  readonly redirectUrl?: string;
  /** Which of the client's configurations asked for the mail; "default" when it has but one. */
  readonly config?: string;
}

export type MailRenderer = (name: string, data: MailData) => MailMessage;

export interface MailRendererOptions {
  readonly from: string;
  readonly appName: string;
  /** Whether subjects name the app. Default `false`. */
  readonly subjectsNameApp?: boolean;
  readonly colors?: MailColors;
  readonly logo?: MailLogo;
  readonly templatesDirectory?: string;
}

/** A mail, and what a function of the app's own may write in its place. */
export interface ComposedMail {
  readonly message: MailMessage;
  readonly toWrite: MailToWrite;
}

export type MailComposer = (name: string, data: MailData, language: Language) => ComposedMail;

/**
 * Makes the function that turns an event into a mail, in English. Files in `templatesDirectory` replace the shipped templates
 * one by one. Throws a `ConfigError` with all mistakes of the options and the templates; the renderer throws a
 * `TypeError` for an address or link that must not be in a mail.
 */
export function createMailRenderer(options: MailRendererOptions): MailRenderer {
  const compose = createMailComposer(options);
  return (name, data) => compose(name, data, english).message;
}

/** The same in every language. `models`: which have templates of their own, in a folder each. */
export function createMailComposer(
  options: MailRendererOptions & {
    readonly models?: readonly string[];
    readonly languages?: readonly Language[];
  },
): MailComposer {
  const { from, subjectsNameApp = false, models = [], languages = [english] } = options;
  const appName = oneLine(options.appName).trim();
  const brand = createBrand(options.colors, options.logo);
  const templates = compileTemplates(
    options.templatesDirectory,
    models,
    languages.map(({ name }) => name),
  );
  const isToBeTried = options.templatesDirectory !== undefined && templates.problems.length === 0;
  const mistakes = [
    ...senderProblems(from),
    ...(appName ? [] : ['"appName" must not be empty']),
    ...templates.problems,
    ...(isToBeTried ? tryTemplates(templates, models, languages, brand) : []),
  ];
  if (mistakes.length > 0) throw new ConfigError(mistakes.map((problem) => `mail: ${problem}`));

  return (name, data, language) => {
    refuseUnsafe(name, data);
    const use = { model: data.model, language: language.name };
    const it = { ...data, appName, language: language.name, ...sides(language), brand };
    const values = {
      app: appName,
      to: oneLine(data.to),
      newEmail: data.newEmail === undefined ? undefined : oneLine(data.newEmail),
      provider: data.provider === undefined ? undefined : oneLine(data.provider),
      duration: data.validFor === undefined ? undefined : oneLine(data.validFor),
      namesApp: subjectsNameApp,
    };
    const plain = textWords(language, name, values);
    const { subject, text } = splitSubject(templates.render(`${name}.text`, { ...it, words: plain }, use));
    const words = htmlWords(language, name, values, escapeHtml);
    const html = templates.render(`${name}.html`, { ...it, subject, words }, use);
    const message = { to: data.to, from, subject, text, html, headers: headersOf(from, data) };
    const toWrite: MailToWrite = {
      ...data,
      name,
      appName,
      language: language.name,
      direction: language.direction,
      words: plainWords(language, name, values),
      subject,
      text,
      html,
    };
    return { message, toWrite };
  };
}

function splitSubject(rendered: string): { subject: string; text: string } {
  const [first = "", ...rest] = rendered.split("\n");
  return { subject: oneLine(first.replace("Subject:", "")).trim(), text: `${rest.join("\n").trim()}\n` };
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
