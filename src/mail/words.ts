import { fill, type Texts } from "../texts/texts.js";

/** What the words of a mail name. */
export interface WordValues {
  readonly app: string;
  readonly to: string;
  readonly newEmail: string | undefined;
  readonly provider: string | undefined;
  readonly duration: string | undefined;
}

/** The words of one mail, with their values put in: `subject`, `text`, `note` … and those that all mails share. */
export type Words = Readonly<Record<string, string>>;

const strong = '<strong class="strong" style="color:#1d2125;word-break:break-word;">';

/** Columns of a plain text (RFC 5322 §2.1.1 recommends at most 78). */
const columns = 72;

/** The words for a plain text. Paragraphs are wrapped. */
export function textWords(texts: Texts, name: string, values: WordValues): Words {
  const filled = wordsOf(
    texts,
    name,
    values,
    (sentence) => sentence,
    (value) => value,
  );
  const wrapped = Object.entries(filled).map(([key, text]) => [key, key === "subject" ? text : wrap(text)]);
  return Object.fromEntries(wrapped);
}

/** The words for HTML: escaped, with the addresses in bold. */
export function htmlWords(
  texts: Texts,
  name: string,
  values: WordValues,
  escaped: (text: string) => string,
): Words {
  return wordsOf(texts, name, values, escaped, (value) => `${strong}${escaped(value)}</strong>`);
}

function wordsOf(
  texts: Texts,
  name: string,
  { app, to, newEmail, provider, duration }: WordValues,
  plain: (text: string) => string,
  emphasise: (value: string) => string,
): Words {
  const own: Words = Object.entries(texts.mails).find(([mail]) => mail === name)?.[1] ?? {};
  const values = {
    app: plain(app),
    duration: duration === undefined ? undefined : plain(duration),
    provider: provider === undefined ? undefined : plain(provider),
    new_email: newEmail === undefined ? undefined : emphasise(newEmail),
  };
  const { valid_for: validFor, ...shared } = texts.mail;
  const all: Words = { ...shared, ...own, ...(duration === undefined ? {} : { valid_for: validFor }) };
  return Object.fromEntries(
    Object.entries(all).map(([key, sentence]) => [
      key,
      // Bold in a sentence; not in the line at the foot, nor in what mail programs show before the mail is opened.
      fill(plain(sentence), { ...values, to: key === "text" ? emphasise(to) : plain(to) }),
    ]),
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
