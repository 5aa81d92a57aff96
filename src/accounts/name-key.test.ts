import { describe, expect, test } from "vitest";
import { kindOf } from "./authentication-keys.js";
import { foldName } from "./name-key.js";

describe("a name as it is compared (shape 29)", () => {
  test.each([
    ["case", ["JohnDoe", "johndoe", "JOHNDOE", " johnDoe ", "\ufeffJohnDoe"], "johndoe"],
    ["the four Turkish i", ["istanbul", "Istanbul", "İstanbul", "ıstanbul", "I\u0307stanbul"], "istanbul"],
    ["full-width letters", ["ａｄａ", "Ａｄａ", "ada"], "ada"],
    ["ligatures and letters in circles", ["ﬁnn", "Finn", "ⓕⓘⓝⓝ"], "finn"],
    ["ß, its capital, and ss", ["Strauß", "STRAUẞ", "strauss", "STRAUSS", "ſtrauſſ"], "strauss"],
    ["both small sigmas", ["Οδυσσεύς", "ΟΔΥΣΣΕΎΣ", "οδυσσεύσ"], "οδυσσεύς"],
    ["accents, composed or not", ["José", "Jose\u0301", "JOSÉ"], "josé"],
    [
      "blanks of every kind",
      ["ada l", "ada  l", "ada\u00a0l", "ada\u3000l", "ada\u2003 l", "ada\u1680l"],
      "ada l",
    ],
    ["the Kelvin sign", ["\u212aate", "kate"], "kate"],
  ])("%s: one name", (_what, names, key) => {
    expect(names.map(foldName)).toEqual(names.map(() => key));
  });

  test.each([
    ["an address", ["a@b", "ada@example.com", "ada＠example.com", "@ada", "ada﹫b"]],
    ["what could be a number", ["12345", "+49 30 123456", "030/123456", "１２３", "٠١٢٣", "-", "🚀", "…"]],
    [
      "what nobody sees",
      [
        "ad\u200ba",
        "ad\u200da",
        "a\u00adda",
        "ad\u2060a",
        "a\u034fda",
        "ada\u3164",
        "ad\ufe0fa",
        "\u202eada",
        "a\ufeffda",
      ],
    ],
    ["control characters", ["ada\0", "a\nda", "a\tda", "a\u0085da", "\u001bada"]],
    ["half a character, and what is not assigned", ["ada\ud83d", "ada\u{e0ffe}", "ada\uffff", "ada\ue000"]],
    ["nothing", ["", " ", "\u3000"]],
  ])("%s is no name", (_what, names) => {
    expect(names.map(foldName)).toEqual(names.map(() => undefined));
  });

  test("letters of other scripts and other accents are other names", () => {
    const names = ["admin", "аdmin", "ádmin", "admln", "ad min"];
    expect(new Set(names.map(foldName)).size).toBe(names.length);
  });

  test("of every letter there is, all cases and compositions fold to one, under Turkish rules too, and folding again changes nothing", () => {
    const wrong: string[] = [];
    for (let code = 0; code < 0x110000; code++) {
      const name = `a${String.fromCodePoint(code)}b`;
      const key = foldName(name);
      if (key === undefined) continue;
      const spellings = [
        key,
        name.toUpperCase(),
        name.toLowerCase(),
        name.toLocaleUpperCase("tr"),
        name.toLocaleLowerCase("tr"),
        name.normalize("NFKD"),
      ];
      if (spellings.some((spelling) => foldName(spelling) !== key)) wrong.push(code.toString(16));
    }
    expect(wrong).toEqual([]);
  }, 60_000);

  test("what is typed into one form is one kind only", () => {
    const kinds = {
      "ada@example.com": "email",
      "ada＠b": "email",
      Ada: "name",
      "ada 1": "name",
      "+49 30": "phone",
      "030": "phone",
    };
    expect(Object.keys(kinds).map(kindOf)).toEqual(Object.values(kinds));
  });
});
