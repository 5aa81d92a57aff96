import type { en } from "./en.js";

/**
 * A sentence for each plural category that its language has (`Intl.PluralRules`): `{ one: "… {count} Zeichen", other: "…" }`.
 * Its `{count}` decides.
 */
export interface PluralForms extends Readonly<Partial<Record<Intl.LDMLPluralRule, string>>> {
  readonly other: string;
  /** The language whose rule decides, where languages were put together. Default: English. */
  readonly language?: string;
}

/** One text, or one for each plural category. */
export type Sentence = string | PluralForms;

type InWords<T> = {
  readonly [K in keyof T]: T[K] extends string
    ? T[K] extends `${string}{count}${string}`
      ? Sentence
      : string
    : InWords<T[K]>;
};

/** The sentences of one language. English (`en.ts`) is the measure: another language has the same keys and the same `{names}`. */
export type Texts = InWords<typeof en>;

/** What of them an app may say in its own words: any key, and none that there is not. */
export type SomeTexts = { readonly [Section in keyof Texts]?: Some<Texts[Section]> };
type Some<T> = {
  readonly [K in keyof T]?: T[K] extends string ? string : T[K] extends Sentence ? Sentence : Some<T[K]>;
};

/**
 * Puts values into a sentence: `fill("minimum is {count}", { count: 8 })`. A name without a value stays as it stands. Values are
 * put in as they are, in one pass, so that a value which looks like a name is not filled again.
 */
export function fill(
  sentence: Sentence,
  values: Readonly<Record<string, string | number | undefined>>,
): string {
  return inNumber(sentence, values["count"]).replace(/\{(\w+)\}/g, (place, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    return value === undefined ? place : String(value);
  });
}

function inNumber(sentence: Sentence, count: string | number | undefined): string {
  if (typeof sentence === "string") return sentence;
  const category = new Intl.PluralRules(sentence.language ?? "en").select(Number(count));
  return sentence[category] ?? sentence.other;
}
