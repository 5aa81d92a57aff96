import { describe, expect, test } from "vitest";
import { isLanguageTag, matchLanguage, negotiate } from "./match.js";

const ours = ["en", "de", "fr", "pt-BR", "zh-CN", "ja"];

test.each([
  ["de", "de"],
  ["DE-at", "de"],
  ["fr-BE", "fr"],
  ["fr-Latn-CA", "fr"],
  ["pt", "pt-BR"],
  ["pt-PT", "pt-BR"],
  ["zh", "zh-CN"],
  ["zh-CN", "zh-CN"],
  ["zh-SG", "zh-CN"],
  ["zh-Hans", "zh-CN"],
  ["zh-Hans-TW", "zh-CN"],
  ["zh-TW", undefined],
  ["zh-HK", undefined],
  ["zh-MO", undefined],
  ["zh-Hant", undefined],
  ["zh-Hant-CN", undefined],
  ["sv", undefined],
  // As Java, Python and POSIX write it.
  ["de_AT", "de"],
  ["pt_BR", "pt-BR"],
  ["pt_BR.UTF-8", "pt-BR"],
  ["de_DE@euro", "de"],
  ["zh_Hans_CN", "zh-CN"],
  ["zh_TW", undefined],
  ["zh_TW.UTF-8", undefined],
  ["_", undefined],
  ["C", undefined],
  ["", undefined],
])("%j is served by %j", (wish, served) => {
  expect(matchLanguage(wish, ours)).toBe(served);
});

test("a language with several regions serves each wish with its own region, and the others with the first", () => {
  const regions = ["pt-BR", "pt-PT", "zh-TW", "zh-CN"];
  expect(["pt-PT", "pt", "pt-AO", "zh-HK", "zh-SG"].map((wish) => matchLanguage(wish, regions))).toEqual([
    "pt-PT",
    "pt-BR",
    "pt-BR",
    "zh-TW",
    "zh-CN",
  ]);
});

test("a language is found under the names that it had or also has", () => {
  const own = ["nb", "he", "id", "sr-Latn"];
  expect(["no", "no-NO", "nb_NO", "iw-IL", "in", "sh", "sr"].map((wish) => matchLanguage(wish, own))).toEqual(
    ["nb", "nb", "nb", "he", "id", "sr-Latn", undefined],
  );
  expect(matchLanguage("nb-NO", ["no"])).toBe("no");
});

test("an underscore is for wishes only: a setting has to be a tag", () => {
  expect(["pt_BR", "pt-BR"].map(isLanguageTag)).toEqual([false, true]);
});

describe("Accept-Language", () => {
  test.each([
    ["de", "de"],
    ["fr;q=0.3, de;q=0.8", "de"],
    ["de;q=0.5, fr;q=0.5", "de"],
    // Each preference is tried to its end before the next.
    ["de-AT, fr;q=0.9", "de"],
    ["sv, fr-BE;q=0.7, en;q=0.5", "fr"],
    ["zh-TW, zh-HK;q=0.9, ja;q=0.8, zh;q=0.1", "ja"],
    ["zh-TW,zh;q=0.9", "zh-CN"],
    ["de;q=0, *", "en"],
    ["en;q=0, *;q=0.1", "de"],
    ["de;q=0, de-AT", undefined],
    ["zh-Hans;q=0, zh", undefined],
    ["*", "en"],
    ["*;q=0", undefined],
    ["de;q=0", undefined],
    ["sv, no", undefined],
    ["de;q=2, fr;q=x, ja;q=0.1", "ja"],
    ["de ; q=0.4 , fr ; q=0.6", "fr"],
    ["zh_TW, pt_BR;q=0.9", "pt-BR"],
    ["de_DE;q=0, *;q=0.5, de;q=0.4", "en"],
    [",,;q=1,de", "de"],
    ["😀,<script>,de", "de"],
    ["", undefined],
    [undefined, undefined],
  ])("%j asks for %j", (header, language) => {
    expect(negotiate(header, ours, "en")).toBe(language);
  });

  test("is read to its sixteenth tag and its 512th character, and no further", () => {
    expect(negotiate(`${"sv,".repeat(15)}de`, ours, "en")).toBe("de");
    expect(negotiate(`${"sv,".repeat(16)}de`, ours, "en")).toBeUndefined();
    expect(negotiate(`${" ".repeat(510)}de`, ours, "en")).toBe("de");
    expect(negotiate(`${" ".repeat(512)}de`, ours, "en")).toBeUndefined();
  });

  test("that is a flood of tags asks for what its first sixteen ask for, and every language is known after it", () => {
    // Tags that there are and nobody speaks here, each once.
    const letters = [..."abcdefghijklmnopqrstuvwxyz"];
    const tags = letters.flatMap((one) => letters.map((other) => `q${one}${other}`));
    for (let from = 0; from < tags.length; from += 100) {
      const flood = tags.slice(from, from + 100);
      const first = [...flood.slice(0, 14), "fr;q=0.3", "ja;q=0.8"];
      expect(negotiate([...first, ...flood, "de"].join(","), ours, "en")).toBe("ja");
      expect(negotiate(first.join(","), ours, "en")).toBe("ja");
    }
    // Names of languages are kept, also those that come after a flood; what was asked for is not.
    const names = ["nl", "pl-PL"];
    expect(matchLanguage("pl", names)).toBe("pl-PL");
    const read: unknown[] = [];
    const { Locale } = Intl;
    const replace = (value: typeof Locale) => Object.defineProperty(Intl, "Locale", { value });
    replace(
      class extends Locale {
        constructor(...given: ConstructorParameters<typeof Locale>) {
          super(...given);
          read.push(given[0]);
        }
      },
    );
    try {
      expect(["pl", "nl", "pl-PL", "qaa"].map((wish) => matchLanguage(wish, names))).toEqual([
        "pl-PL",
        "nl",
        "pl-PL",
        undefined,
      ]);
    } finally {
      replace(Locale);
    }
    expect(read).toEqual(["pl", "qaa"]);
  });
});

test("a tag of a language is told from other texts", () => {
  expect(["de", "pt-BR", "zh-Hant-TW", "deutsch sprache", "de ", "", "d"].map(isLanguageTag)).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
});
