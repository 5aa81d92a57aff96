import type { Language } from "../texts/language.js";
import { fill } from "../texts/texts.js";

/** What the words of a mail name. */
export interface WordValues {
  readonly app: string;
  readonly to: string;
  readonly newEmail: string | undefined;
  readonly provider: string | undefined;
  readonly duration: string | undefined;
  /** Whether the subject names the app. */
  readonly namesApp?: boolean;
}

/** The words of one mail, with their values put in: `subject`, `text`, `note` … and those that all mails share. */
export type Words = Readonly<Record<string, string>>;

const strong = '<strong class="strong" style="color:#1d2125;word-break:break-word;">';

/** Columns of a plain text (RFC 5322 §2.1.1 recommends at most 78). */
const columns = 72;

const same = (text: string): string => text;

/** The words as they are. */
export function plainWords(language: Language, name: string, values: WordValues): Words {
  return wordsOf(language, name, values, { escaped: same, value: same, emphasis: same });
}

/** The words for a plain text. Paragraphs are wrapped. */
export function textWords(language: Language, name: string, values: WordValues): Words {
  // Between letters that run from right to left an address would fall apart (UAX #9, "isolates").
  const value = language.direction === "rtl" ? (text: string) => `\u2068${text}\u2069` : same;
  const filled = wordsOf(language, name, values, { escaped: same, value, emphasis: value });
  const { subject } = plainWords(language, name, values);
  const wrapped = Object.entries(filled).map(([key, text]) => [key, wrap(text)]);
  return { ...Object.fromEntries(wrapped), ...(subject === undefined ? {} : { subject }) };
}

/** The words for HTML: escaped, with the addresses in bold. */
export function htmlWords(
  language: Language,
  name: string,
  values: WordValues,
  escaped: (text: string) => string,
): Words {
  const value = (text: string): string =>
    language.direction === "rtl" ? `<bdi>${escaped(text)}</bdi>` : escaped(text);
  return wordsOf(language, name, values, {
    escaped,
    value,
    emphasis: (text) => `${strong}${value(text)}</strong>`,
  });
}

interface Forms {
  /** A sentence. */
  readonly escaped: (text: string) => string;
  /** A value in it. */
  readonly value: (text: string) => string;
  /** A value that is to be seen. */
  readonly emphasis: (text: string) => string;
}

/** Lines that hold no markup: what mail programs show before the mail is opened, and the title of the page. */
const unmarked: ReadonlySet<string> = new Set(["preheader", "subject", "named_subject"]);

function wordsOf(
  { texts }: Language,
  name: string,
  { app, to, newEmail, provider, duration, namesApp = false }: WordValues,
  { escaped, value, emphasis }: Forms,
): Words {
  const own: Words = Object.entries(texts.mails).find(([mail]) => mail === name)?.[1] ?? {};
  const { valid_for: validFor, ...shared } = texts.mail;
  const all: Words = {
    ...shared,
    ...own,
    ...(namesApp && own["named_subject"] !== undefined ? { subject: own["named_subject"] } : {}),
    ...(duration === undefined ? {} : { valid_for: validFor }),
  };
  return Object.fromEntries(
    Object.entries(all).map(([key, sentence]) => {
      const put = unmarked.has(key) ? escaped : value;
      // Bold in a sentence; not in the line at the foot.
      const address = key === "text" ? emphasis : put;
      const values = {
        app: put(app),
        to: address(to),
        duration: duration === undefined ? undefined : escaped(duration),
        provider: provider === undefined ? undefined : put(provider),
        new_email: newEmail === undefined ? undefined : address(newEmail),
      };
      return [key, fill(escaped(sentence), values)];
    }),
  );
}

function wrap(text: string): string {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1) ?? "";
    if (line !== "" && line.length + word.length >= columns) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines.join("\n");
}
