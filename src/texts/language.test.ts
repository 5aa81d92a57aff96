import { expect, test } from "vitest";
import { createLanguage, english } from "./language.js";
import { fill } from "./texts.js";

test("English says one character and eight characters, as Rails does", () => {
  const { problems, sentences } = english.texts;
  expect(
    [1, 8, 0, 21].flatMap((count) => [
      fill(problems.too_long, { count }),
      fill(sentences.too_short, { count, field: "Pin" }),
    ]),
  ).toEqual([
    "is too long (maximum is 1 character)",
    "Pin is too short (minimum is 1 character)",
    "is too long (maximum is 8 characters)",
    "Pin is too short (minimum is 8 characters)",
    "is too long (maximum is 0 characters)",
    "Pin is too short (minimum is 0 characters)",
    "is too long (maximum is 21 characters)",
    "Pin is too short (minimum is 21 characters)",
  ]);
});

test("what a language lacks is English in its number, whatever rule the language has", () => {
  const { problems } = createLanguage("ja", [{ language: "ja", texts: {} }]).texts;
  expect(fill(problems.too_long, { count: 1 })).toBe("is too long (maximum is 1 character)");
  const own = createLanguage("en", [
    { language: "en", texts: { problems: { too_long: "has more than {count} characters" } } },
  ]);
  expect(fill(own.texts.problems.too_long, { count: 1 })).toBe("has more than 1 characters");
});
