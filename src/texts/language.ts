import { en } from "./en.js";
import { englishSingulars } from "./en-singulars.js";
import type { Sentence, SomeTexts, Texts } from "./texts.js";

/** An app's own reason to refuse a value, by the code of its `Problem`. */
export interface RefusalTexts {
  /** Beside the field: "is not invited". */
  readonly short: Sentence;
  /** As a sentence: "{field} is not invited". */
  readonly whole: Sentence;
}

/** What an app says in a language in its own words: any of the texts, labels of its fields, its own refusals. */
export interface OwnTexts extends Omit<SomeTexts, "fields"> {
  /** Labels of fields: `{ company: "Firma" }`. */
  readonly fields?: Readonly<Record<string, string>>;
  /** By the code of the problem: `{ not_invited: { short: "ist nicht eingeladen", whole: "{field} ist nicht eingeladen" } }`. */
  readonly refusals?: Readonly<Record<string, RefusalTexts>>;
}

/** A language as the server speaks it: no text is missing. */
export interface Language {
  /** BCP 47, as the configuration spells it: `"pt-BR"`. */
  readonly name: string;
  readonly direction: "ltr" | "rtl";
  readonly texts: Texts;
  /** Labels of fields by their names. */
  readonly fields: Readonly<Record<string, string>>;
  readonly refusals: Readonly<Record<string, RefusalTexts>>;
  /** The language that the sentence about the validity of a link is in: the duration has to be told in the same. */
  readonly durations: string;
}

/** Texts of one source, and the language they are in. */
export interface Source {
  readonly language: string;
  readonly texts: OwnTexts;
}

/** Scripts. */
const rightToLeft: ReadonlySet<string> = new Set(["Arab", "Hebr", "Thaa", "Syrc", "Nkoo", "Adlm", "Rohg"]);

/**
 * Puts a language together from its sources, the app's own words first. What none of them says is English, key by key; each
 * text keeps the plural rule of the language it is in.
 */
export function createLanguage(name: string, sources: readonly Source[]): Language {
  const all: readonly Source[] = [
    ...sources,
    { language: "en", texts: englishSingulars },
    { language: "en", texts: en },
  ];
  const { fields, refusals, ...texts } = merge(all.map(({ texts, language }) => marked(texts, language)));
  return {
    name,
    direction: directionOf(name),
    texts: { ...texts, fields } as unknown as Texts,
    fields: fields as Language["fields"],
    refusals: (refusals ?? {}) as unknown as Language["refusals"],
    durations: all.find(({ texts }) => texts.mail?.valid_for !== undefined)?.language ?? "en",
  };
}

/** English as it stands in the wire's contract. */
export const english: Language = createLanguage("en", []);

interface Tree {
  readonly [key: string]: Leaf | Tree;
}
type Leaf = Sentence | undefined;

// The forms of a plural remember which rule they were written for.
function marked(tree: object, language: string): Tree {
  return Object.fromEntries(
    Object.entries(tree).map(([key, value]) => {
      if (typeof value !== "object" || value === null) return [key, value];
      return [key, isPlural(value) ? { ...value, language } : marked(value, language)];
    }),
  );
}

function merge(trees: readonly Tree[]): Tree {
  const keys = new Set(trees.flatMap((tree) => Object.keys(tree)));
  return Object.fromEntries(
    [...keys].map((key) => {
      const values = trees.map((tree) => tree[key]).filter((value) => value !== undefined);
      const [first] = values;
      return isTree(first) ? [key, merge(values.filter(isTree))] : [key, first];
    }),
  );
}

function isTree(value: Leaf | Tree): value is Tree {
  return typeof value === "object" && !isPlural(value);
}

function isPlural(value: object): boolean {
  return "other" in value;
}

/** Which way a language is written. */
function directionOf(name: string): "ltr" | "rtl" {
  return rightToLeft.has(new Intl.Locale(name).maximize().script ?? "") ? "rtl" : "ltr";
}

/** What a field is called in a sentence. */
export function labelOf({ fields }: Language, field: string): string {
  const label = Object.hasOwn(fields, field) ? fields[field] : undefined;
  if (label !== undefined) return label;
  const words = field.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
