import { readFileSync } from "node:fs";
import { createLanguage, english, type Language, type OwnTexts, type Source } from "../texts/language.js";
import { matchLanguage, negotiate } from "../texts/match.js";
import type { languageSettings, Reader } from "./language-settings.js";
import { checkTexts } from "./own-texts.js";
import type { OutputOf } from "./setting.js";

/** Languages that come with Keyturn: a file each in `texts/`, which is read only where a configuration names it. */
export const builtInLanguages = [
  "en",
  "de",
  "fr",
  "es",
  "pt-BR",
  "it",
  "nl",
  "pl",
  "ja",
  "zh-CN",
  "ko",
  "ru",
  "tr",
  "ar",
] as const;

type LanguageSettings = OutputOf<typeof languageSettings>;

/** The languages of an app, and who reads which. */
export interface Languages {
  /** All that are spoken. */
  readonly all: readonly Language[];
  readonly byDefault: Language;
  /** The reader's language: as the account's field, the app's function or `Accept-Language` says, in this order. */
  of(reader: Reader): Language;
  /** The same for a link that names its language, as those of mails do. */
  ofLink(named: string | undefined, reader: Reader): Language;
  /** What JSON is written in for readers of a language. */
  ofJson(language: Language): Language;
  /** Headers of a response whose text depends on the reader. */
  headers(language: Language): [name: string, value: string][];
  /** Whether texts are in any but plain English. */
  readonly isEnabled: boolean;
}

/** What no single setting of the languages can tell. */
export function checkLanguages(settings: LanguageSettings): readonly string[] {
  const { locales, defaultLocale, texts } = settings;
  const spoken = locales.length === 0 ? ["en"] : locales;
  const missing = locales.filter((name) => builtInFor(name) === undefined && texts[name] === undefined);
  return [
    ...missing.map(
      (name) =>
        `locales: "${name}" does not come with Keyturn; give its words as texts["${name}"]. Built in are ${builtInLanguages.join(", ")}`,
    ),
    ...(defaultLocale !== undefined && !spoken.includes(defaultLocale)
      ? [`defaultLocale: "${defaultLocale}" is not among locales`]
      : []),
    ...Object.entries(texts).flatMap(([name, own]) =>
      spoken.includes(name) ? checkTexts(`texts.${name}`, own) : [`texts.${name}: is not among locales`],
    ),
  ];
}

/** Reads the languages that the configuration names. `onError` is told when the app's own function throws. */
export function createLanguages(
  settings: LanguageSettings,
  onError: (error: unknown) => void = () => undefined,
): Languages {
  const { locales, texts, localeField, chooseLocale } = settings;
  const isEnabled = locales.length > 0;
  const all = (isEnabled ? locales : ["en"]).map((name) =>
    createLanguage(name, sourcesOf(name, texts[name])),
  );
  const names = all.map(({ name }) => name);
  const byDefault = all.find(({ name }) => name === settings.defaultLocale) ?? all[0] ?? english;
  // The wire's own English, with what the app has changed in it.
  const wire = all.find(({ name }) => name === "en") ?? english;
  const named = (wish: unknown): Language | undefined => {
    if (typeof wish !== "string" || wish === "") return undefined;
    const match = matchLanguage(wish, names);
    return all.find(({ name }) => name === match);
  };
  const chosen = (reader: Reader): string | undefined => {
    try {
      return chooseLocale?.(reader);
    } catch (error) {
      onError(error);
      return undefined;
    }
  };
  // A request needs its language several times.
  let last: { readonly header: string | undefined; readonly found: string | undefined } | undefined;
  const negotiated = (header: string | undefined): string | undefined => {
    if (last === undefined || last.header !== header)
      last = { header, found: negotiate(header, names, byDefault.name) };
    return last.found;
  };
  const of = (reader: Reader): Language => {
    if (all.length === 1) return byDefault;
    const asked = (): string | undefined => negotiated(reader.header("accept-language"));
    return named(reader.account?.[localeField]) ?? named(chosen(reader)) ?? named(asked()) ?? byDefault;
  };
  return {
    all,
    byDefault,
    isEnabled,
    of,
    ofLink: (name, reader) => named(name) ?? of(reader),
    ofJson: (language) => (settings.translateResponses ? language : wire),
    headers: ({ name }) =>
      isEnabled
        ? [
            ["content-language", name],
            ...(all.length > 1 ? [["vary", "Accept-Language"] as [string, string]] : []),
          ]
        : [],
  };
}

/** A request by somebody of whom nothing is known yet. */
export function stranger(head: Pick<Reader, "header">): Reader {
  return { model: undefined, account: undefined, header: (name) => head.header(name) };
}

function sourcesOf(name: string, own: OwnTexts | undefined): readonly Source[] {
  const builtIn = builtInFor(name);
  return [
    ...(own ? [{ language: name, texts: own }] : []),
    ...(builtIn === undefined || builtIn === "en" ? [] : [{ language: builtIn, texts: readTexts(builtIn) }]),
  ];
}

function builtInFor(name: string): string | undefined {
  return matchLanguage(name, builtInLanguages);
}

/** The texts of a language that comes with Keyturn, but for its head. */
export function readTexts(name: string): OwnTexts {
  const file = new URL(`../texts/${name}.json`, import.meta.url);
  const { language: _head, ...texts } = JSON.parse(readFileSync(file, "utf8"));
  return texts;
}
