import { domainToASCII } from "node:url";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { normaliseEmail } from "./email-address.js";

const blank = { ok: false, problem: "blank" };
const invalid = { ok: false, problem: "invalid" };

describe("one spelling for an address", () => {
  test.each([
    ["a@example.com", "a@example.com"],
    ["Ada.Lovelace@Example.COM", "ada.lovelace@example.com"],
    ["  a@example.com\r\n", "a@example.com"],
    ["\u00a0\u2003\u3000a@example.com\ufeff\u2029", "a@example.com"],
    ["a+tag@example.com", "a+tag@example.com"],
    ["o'neil!#$%&*/=?^_`{|}~-@example.com", "o'neil!#$%&*/=?^_`{|}~-@example.com"],
    ["a@sub.sub.example.com", "a@sub.sub.example.com"],
    ["a@localhost", "a@localhost"],
    ["a@xn--bcher-kva.example", "a@xn--bcher-kva.example"],
    ["a@bücher.example", "a@xn--bcher-kva.example"],
    ["a@BÜCHER.example", "a@xn--bcher-kva.example"],
    ["a@bu\u0308cher.example", "a@xn--bcher-kva.example"],
    ["a@straße.example", "a@xn--strae-oqa.example"],
    ["a@例え.テスト", "a@xn--r8jz45g.xn--zckzah"],
    ["a@1.example.com", "a@1.example.com"],
  ])("%j is kept as %s (security 32)", (raw, email) => {
    expect(normaliseEmail(raw)).toEqual({ ok: true, email });
  });

  test.each([undefined, null, "", " ", "\n\t", "\u00a0\u3000\ufeff"])("%j is blank", (raw) => {
    expect(normaliseEmail(raw)).toEqual(blank);
  });

  test.each([
    // not an address
    "a",
    "@",
    "a@",
    "@example.com",
    "a@b@example.com",
    "a@@example.com",
    "a@example.com,b@example.com",
    "a@example.com;b@example.com",
    "Ada <a@example.com>",
    "mailto:a@example.com",
    '"a b"@example.com',
    '"a"@example.com',
    "a@(comment)example.com",
    // blanks and control characters inside
    "a b@example.com",
    "a@exam ple.com",
    "a @example.com",
    "a@ example.com",
    "a@example.com\r\nbcc: b@example.com",
    "a\u0000@example.com",
    "a@example.com\u0000",
    "a@exam\tple.com",
    "a@bü\tcher.example",
    "a\u200b@example.com",
    "\u200ba@example.com",
    "a@exam\u00adple.com",
    "a@bü\u00adcher.example",
    "a@bü\u200bcher.example",
    "a\u202e@example.com",
    // characters that look like an @, or like another letter
    "a\uff20example.com",
    "a\ufe6bexample.com",
    "a\uff20evil.com@example.com",
    "a@example.com\uff20evil.com",
    "\u0430@example.com",
    "\uff41@example.com",
    "\u212a@example.com",
    "\u017f@example.com",
    "\u0131@example.com",
    "\ufb00@example.com",
    "a@\uff45xample.com",
    "a@example\u3002com",
    "a@example\uff0ecom",
    "a@\u2100.com",
    // dots
    ".a@example.com",
    "a.@example.com",
    "a..b@example.com",
    "a@.example.com",
    "a@example.com.",
    "a@example..com",
    // hosts that are none
    "a@-example.com",
    "a@example-.com",
    "a@exa_mple.com",
    "a@exa%6dple.com",
    "a@example.com/path",
    "a@example.com:25",
    "a@example.com?x",
    "a@bücher.example/x",
    "a@bücher.example:25",
    "a@xn--a",
    "a@xn--0",
    "a@xn--zzzz.example",
    "a@mail.xn--a.example",
    "a@127.0.0.1",
    "a@127.1",
    "a@0x7f.1",
    "a@0x7f000001",
    "a@[127.0.0.1]",
    "a@[::1]",
  ])("%j is refused (security 32)", (raw) => {
    expect(normaliseEmail(raw)).toEqual(invalid);
  });

  test("what is not text is refused", () => {
    for (const raw of [0, 1, true, false, {}, [], ["a@example.com"], { toString: () => "a@example.com" }]) {
      expect(normaliseEmail(raw)).toEqual(invalid);
    }
  });

  test("lengths end at 64 before the @, 63 for a label and 254 in all", () => {
    const domain = (length: number) =>
      `${"a".repeat(63)}.`
        .repeat(4)
        .slice(0, length - 2)
        .concat(".b");
    expect(normaliseEmail(`${"a".repeat(64)}@b.c`).ok).toBe(true);
    expect(normaliseEmail(`${"a".repeat(65)}@b.c`)).toEqual(invalid);
    expect(normaliseEmail(`a@${"b".repeat(63)}.c`).ok).toBe(true);
    expect(normaliseEmail(`a@${"b".repeat(64)}.c`)).toEqual(invalid);
    expect(normaliseEmail(`${"a".repeat(64)}@${domain(189)}`).ok).toBe(true);
    expect(normaliseEmail(`${"a".repeat(64)}@${domain(190)}`)).toEqual(invalid);
    // 124 characters as typed, more than 254 in punycode.
    expect(normaliseEmail(`a@${"ü.".repeat(60)}de`)).toEqual(invalid);
    expect(normaliseEmail(`a@${"ü.".repeat(20)}de`).ok).toBe(true);
  });

  test("a long text is refused in linear time", () => {
    const started = performance.now();
    for (const text of [
      ".".repeat(1e6),
      "a".repeat(1e6),
      `${"a.".repeat(5e5)}@`,
      `a@${"b-".repeat(5e5)}`,
      " ".repeat(1e6),
    ]) {
      expect(normaliseEmail(`${text}!`)).toEqual(invalid);
    }
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});

describe("normalising", () => {
  const character = fc.constantFrom(
    ..."aAkKsSiI.@+-_ \t\u00a0\u200b\u00ad\uff20\ufe6b\u212a\u017f\u0131\u0130\ufb00\uff41\u3002ß\u1e9eüÜ\u0308σςΣа%[0",
  );
  const local = fc.string({
    unit: fc.oneof({ weight: 4, arbitrary: fc.constantFrom(..."aAkKsSiI.+") }, character),
    minLength: 1,
    maxLength: 4,
  });
  const domain = fc.string({
    unit: fc.oneof({ weight: 2, arbitrary: fc.constantFrom(..."aAkKüÜs.") }, character),
    minLength: 1,
    maxLength: 4,
  });
  const padding = fc.constantFrom("", " ", "\u00a0", "\n");
  const address = fc.oneof(
    fc.emailAddress(),
    fc
      .tuple(padding, local, domain, padding)
      .map(([left, before, after, right]) => `${left}${before}@${after}${right}`),
    fc.string({ unit: "binary" }),
  );

  test("is idempotent, and gives lower-case ASCII with one @ and no blanks (security 32)", () => {
    fc.assert(
      fc.property(address, (raw) => {
        const reading = normaliseEmail(raw);
        if (!reading.ok) return;
        expect(normaliseEmail(reading.email)).toEqual(reading);
        expect(reading.email).toMatch(/^[!-?^-~]+@[a-z0-9.-]+$/);
        expect(reading.email.split("@")).toHaveLength(2);
        expect(reading.email.length).toBeLessThanOrEqual(254);
      }),
      { numRuns: 5_000 },
    );
  });

  test("never joins two mailboxes but by outer blanks, ASCII case and the spelling of a domain (security 32)", () => {
    const withoutCase = (text: string) =>
      text.replace(/[A-Z]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 32));
    fc.assert(
      fc.property(address, (raw) => {
        const reading = normaliseEmail(raw);
        if (!reading.ok) return;
        const [before, after] = raw.trim().split("@");
        expect(reading.email).toBe(`${withoutCase(before ?? "")}@${domainToASCII(after ?? "")}`);
      }),
      { numRuns: 5_000 },
    );
  });

  test("reads every ordinary address, in any case and between blanks", () => {
    fc.assert(
      fc.property(fc.emailAddress(), padding, (email, blanks) => {
        expect(normaliseEmail(`${blanks}${email.toUpperCase()}${blanks}`)).toEqual({
          ok: true,
          email: email.toLowerCase(),
        });
      }),
    );
  });
});
