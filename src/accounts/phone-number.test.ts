import { beforeAll, expect, test } from "vitest";
import { kindOf } from "./authentication-keys.js";
import { foldName } from "./name-key.js";
import { isPhoneCountry, loadPhoneNumbers, readPhoneNumber } from "./phone-number.js";

beforeAll(loadPhoneNumbers);

const berlin = "+4930123456";

test.each([
  "+4930123456",
  "+49 30 123456",
  "+49 (0)30 123456",
  "+49-30-12 34 56",
  "＋４９ ３０ １２３４５６",
  "+٤٩٣٠١٢٣٤٥٦",
  "\u202a+49\u00a030\u00a0123456\u202c",
])("%s is one number, with and without a default country (shape 29)", (text) => {
  for (const country of [undefined, "DE", "US"]) expect(readPhoneNumber(text, country)).toBe(berlin);
});

test.each(["030 123456", "030/123456", "(030) 123456", "0049 30 123456", "30 123456"])(
  "%s needs a default country (shape 29)",
  (text) => {
    expect(readPhoneNumber(text, undefined)).toBeUndefined();
    expect(readPhoneNumber(text, "DE")).toBe(berlin);
  },
);

test("each country's own way to dial is its own", () => {
  expect(readPhoneNumber("011 49 30 123456", "US")).toBe(berlin);
  expect(readPhoneNumber("(213) 373-4253", "US")).toBe("+12133734253");
  expect(readPhoneNumber("8 (912) 345-67-89", "RU")).toBe("+79123456789");
  // Italy keeps the zero.
  expect(readPhoneNumber("06 1234 5678", "IT")).toBe("+390612345678");
  expect([isPhoneCountry("DE"), isPhoneCountry("XX")]).toEqual([true, false]);
});

test.each([
  "+49 30 123456 ext 5",
  "030 123456;ext=5",
  "1-800-FLOWERS",
  "call +49 30 123456",
  "++49 30 123456",
  "+0",
  "110",
  "+",
  "()",
  "ada",
  "ada@example.com",
  "030 123456\0",
  "",
  "1".repeat(300),
])("%s is no phone number", (text) => {
  expect(readPhoneNumber(text, "DE")).toBeUndefined();
});

test("no number is a name, and one form takes every number for one", () => {
  for (const text of ["+4930123456", "030 123456", "+٤٩٣٠١٢٣٤٥٦", "(213) 373-4253"]) {
    expect(foldName(text)).toBeUndefined();
    expect(kindOf(text)).toBe("phone");
  }
});
