import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { describe, expect, test } from "vitest";
import { describeDuration } from "../texts/duration.js";
import { en } from "../texts/en.js";
import { builtInLanguages, checkLanguages, createLanguages, readTexts } from "./languages.js";
import { placesIn } from "./own-texts.js";

const translated = builtInLanguages.filter((name) => name !== "en");

/** The texts of a tree by their keys, `mails.x.subject`; the forms of a plural are one text each. */
function leaves(tree: object, place = ""): readonly (readonly [key: string, text: string])[] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === "string" ? [[`${place}${key}`, value] as const] : leaves(value, `${place}${key}.`),
  );
}

const english = new Map(leaves(en));
/** The key of a text, without the plural category at its end. */
const keyOf = (key: string): string => (english.has(key) ? key : key.replace(/\.\w+$/, ""));
const settings = {
  locales: [],
  defaultLocale: undefined,
  localeField: "locale",
  chooseLocale: undefined,
  translateResponses: true,
  texts: {},
};

describe.each(translated)("%s", (name) => {
  const texts = leaves(readTexts(name));

  test("has the keys of English, each of them", () => {
    expect([...new Set(texts.map(([key]) => keyOf(key)))].sort()).toEqual([...english.keys()].sort());
  });

  test("has the same places for values in each text", () => {
    for (const [key, text] of texts)
      expect([key, placesIn(text)]).toEqual([key, placesIn(english.get(keyOf(key)) ?? "")]);
  });

  test("has every plural category of the language, where a text has a number", () => {
    const { pluralCategories } = new Intl.PluralRules(name).resolvedOptions();
    for (const key of [...english.keys()].filter((one) => english.get(one)?.includes("{count}"))) {
      const forms = texts
        .filter(([one]) => one.startsWith(`${key}.`))
        .map(([one]) => one.slice(key.length + 1));
      expect([key, forms.sort()]).toEqual([key, [...pluralCategories].sort()]);
    }
  });

  test("leaves no text in English", () => {
    // Words that are the same in both languages.
    const same = /^(Name|Password|Image|Code)$/;
    const left = texts.filter(([key, text]) => text === english.get(keyOf(key)) && !same.test(text));
    expect(left).toEqual([]);
  });

  test("is one line each, without markup, and nothing is left of a draft", () => {
    for (const [, text] of texts) expect(text).not.toMatch(/[\n<>]|TODO|\s\s|^\s|\s$/);
  });

  test("tells durations, not times of day", () => {
    for (const [, text] of texts) expect(text).not.toMatch(/\{(time|date|expires_at)\}|\d{1,2}:\d{2}/);
  });
});

/** What would be another form of address than the one at the head of the file. */
const otherAddress: Readonly<Record<(typeof translated)[number], RegExp>> = {
  de: /(?<!\p{L})(du|dein\p{L}*|dir|dich)(?!\p{L})/iu,
  fr: /(?<!\p{L})(tu|ton|ta|tes|toi)(?!\p{L})/iu,
  es: /(?<!\p{L})(ustede?s?|vosotros|vuestr\p{L}*)(?!\p{L})/iu,
  "pt-BR": /(?<!\p{L})(tu|teu|tua|ti|contigo|o senhor|a senhora)(?!\p{L})/iu,
  it: /(?<!\p{L})(Lei|Suo|Sua|Suoi|Sue|voi|vostr\p{L}*)(?!\p{L})/u,
  nl: /(?<!\p{L})(u|uw)(?!\p{L})/iu,
  pl: /(?<!\p{L})(Pan|Pani|Pana|Państw\p{L}*)(?!\p{L})/u,
  ja: /あなた|である。|だ。/u,
  "zh-CN": /你/u,
  ko: /당신|너의|한다\.|이다\./u,
  ru: /(?<!\p{L})(ты|твой|твоя|твоё|твои|тебя|тебе)(?!\p{L})|(?<=[\p{L},] )(Вы|Ваш\p{L}*)/u,
  tr: /(?<!\p{L})(sen|senin|seni|sana)(?!\p{L})/iu,
  ar: /(حسابكم|مروركم|بريدكم|عليكم)/u,
};

test.each(translated)("%s keeps to one form of address", (name) => {
  const mixed = leaves(readTexts(name)).filter(([, text]) => otherAddress[name].test(text));
  expect(mixed).toEqual([]);
});

test("a whole sentence of English is the label and the short text, as clients know it", () => {
  const { invalid_values: _, ...short } = en.problems;
  const { own, ...whole } = en.sentences;
  expect(whole).toEqual(
    Object.fromEntries(Object.entries(short).map(([code, text]) => [code, `{field} ${text}`])),
  );
  expect(own).toBe("{field} {message}");
});

test.each([
  ["pl", "1 godzina", "2 godziny", "5 godzin", "11 godzin", "21 godzin"],
  ["ru", "1 час", "2 часа", "5 часов", "11 часов", "21 час"],
  ["ar", "ساعة", "ساعتان", "5 ساعات", "11 ساعة", "21 ساعة"],
])("%s tells durations by its own plural rule (shape 24)", (name, ...told) => {
  expect([1, 2, 5, 11, 21].map((hours) => describeDuration(hours * 3_600_000, name))).toEqual(told);
});

test("no language is read that the configuration does not name", () => {
  const read: string[] = [];
  const { readFileSync } = fs;
  Object.assign(fs, {
    readFileSync: (...args: Parameters<typeof readFileSync>) => {
      read.push(String(args[0]));
      return readFileSync(...args);
    },
  });
  syncBuiltinESMExports();
  try {
    createLanguages(settings);
    createLanguages({ ...settings, locales: ["en"] });
    expect(read).toEqual([]);
    createLanguages({ ...settings, locales: ["en", "pt-PT"] });
    expect(read.map((file) => file.split("/").at(-1))).toEqual(["pt-BR.json"]);
  } finally {
    Object.assign(fs, { readFileSync });
    syncBuiltinESMExports();
  }
});

test.each(translated)(
  "the file of %s says at its head how it is called and by which form of address it speaks",
  (name) => {
    const file = JSON.parse(fs.readFileSync(new URL(`../texts/${name}.json`, import.meta.url), "utf8"));
    expect(Object.keys(file)[0]).toBe("language");
    expect(file.language).toEqual({ name: expect.stringMatching(/./), address: expect.stringMatching(/./) });
  },
);

test("a language without a file of ours has the words of the app, and English where they end", () => {
  const { all } = createLanguages({
    ...settings,
    locales: ["sv"],
    texts: { sv: { errors: { disabled: "Ditt konto är avstängt." } } },
  });
  expect(all[0]?.texts.errors.disabled).toBe("Ditt konto är avstängt.");
  expect(all[0]?.texts.errors.locked).toBe(en.errors.locked);
  // The sentence around it is English, so the duration is too.
  expect(all[0]?.durations).toBe("en");
});

test("a region has the words of its language, and those of the app for itself", () => {
  const { all } = createLanguages({
    ...settings,
    locales: ["de-CH", "de"],
    texts: { "de-CH": { omniauth: { continue: "Weiter geht’s" } } },
  });
  expect(all.map(({ name, texts }) => [name, texts.omniauth.continue, texts.fields.password])).toEqual([
    ["de-CH", "Weiter geht’s", "Passwort"],
    ["de", "Weiter", "Passwort"],
  ]);
});

test("mistakes are told with their place", () => {
  const problems = checkLanguages({
    ...settings,
    locales: ["de", "eo", "en"],
    defaultLocale: "fr",
    texts: {
      fr: {},
      de: {
        errors: { lockd: "x", email_unknown: "{mail} fehlt", disabled: "" },
        problems: { too_short: { one: "kurz", several: "kurz" } },
        refusals: { not_invited: { short: "nicht eingeladen", whole: "{feld} nicht eingeladen" } },
        page: {},
      } as never,
    },
  });
  expect(problems).toEqual([
    expect.stringMatching(/^locales: "eo" does not come with Keyturn; give its words as texts\["eo"\]/),
    'defaultLocale: "fr" is not among locales',
    "texts.fr: is not among locales",
    "texts.de.errors.lockd: there is no such text; did you mean locked?",
    "texts.de.errors.email_unknown: {mail} has no value here. There are: {subject}",
    "texts.de.errors.disabled: must not be empty",
    "texts.de.problems.too_short.several: must be one of the plural categories zero, one, two, few, many, other",
    "texts.de.problems.too_short.other: is missing",
    "texts.de.refusals.not_invited.whole: {feld} has no value here. There are: {count}, {field}",
    "texts.de.page: there is no such text; did you mean pages?",
  ]);
});
