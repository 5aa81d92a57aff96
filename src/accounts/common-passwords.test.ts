import { dictionary } from "@zxcvbn-ts/language-common";
import { expect, test } from "vitest";
import { isCommonPassword } from "./common-passwords.js";

test.each(["password", "12345678", "qwertyuiop", "11111111", "iloveyou", "password1", "123456"])(
  "%j is common (security 26)",
  (password) => {
    expect(isCommonPassword(password)).toBe(true);
  },
);

test("a common password in another case is still common (security 26)", () => {
  expect(isCommonPassword("PassWord")).toBe(true);
  expect(isCommonPassword("QWERTYUIOP")).toBe(true);
});

test("a longer text that merely contains a common password is not refused: no rules of composition (security 25)", () => {
  for (const password of ["", "password of the seven seas", "zebra-lantern-42", "pässword", " password"]) {
    expect(isCommonPassword(password)).toBe(false);
  }
});

test("the list has thousands of entries that pass the minimum length, all in lower case (security 26)", () => {
  const entries = dictionary["passwords-common"];
  expect(entries.filter((entry) => entry.length >= 8).length).toBeGreaterThan(10_000);
  expect(entries.filter((entry) => entry !== entry.toLowerCase())).toEqual([]);
});
