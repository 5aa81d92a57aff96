import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkPassword } from "./password-policy.js";

describe("checking a new password", () => {
  const policy = { minLength: 8, maxLength: 128 };

  test.each([
    ["zebra-lantern", []],
    ["the old bridge near noon", []],
    ["ALLCAPSALLDAYLONG", []],
    ["zzyzx zz", []],
    ["", ["blank"]],
    ["        ", ["blank"]],
    ["\u3000\u00a0\t\n    ", ["blank"]],
    ["zebra-l", ["too_short"]],
    ["12345678", ["common"]],
    ["PASSWORD", ["common"]],
    ["123456", ["too_short", "common"]],
    ["z".repeat(128), []],
    ["z".repeat(129), ["too_long"]],
  ] as const)("%j has the problems %j (security 25, 26)", (password, problems) => {
    expect(checkPassword(password, policy, {})).toEqual(problems);
  });

  test("what is not text is blank", () => {
    for (const password of [undefined, null, 0, 12345678, true, {}, ["zebra-lantern"], { length: 20 }]) {
      expect(checkPassword(password, policy, {})).toEqual(["blank"]);
    }
  });

  test("length is counted in code points, not in UTF-16 units or bytes (security 25)", () => {
    expect(checkPassword("🦓".repeat(7), policy, {})).toEqual(["too_short"]);
    expect(checkPassword("🦓".repeat(8), policy, {})).toEqual([]);
    expect(checkPassword("🦓".repeat(128), policy, {})).toEqual([]);
    expect(checkPassword("🦓".repeat(129), policy, {})).toEqual(["too_long"]);
    expect(checkPassword(`${"🦓".repeat(128)}z`, policy, {})).toEqual(["too_long"]);
    expect(checkPassword("z".repeat(10_000_000), policy, {})).toEqual(["too_long"]);
  });

  test("the account's own address, whole or up to the @, is as easily guessed as a common password (security 26)", () => {
    const context = { email: "ada.lovelace@example.com" };
    expect(checkPassword("ada.lovelace@example.com", policy, context)).toEqual(["common"]);
    expect(checkPassword("Ada.Lovelace", policy, context)).toEqual(["common"]);
    expect(checkPassword(" ada.lovelace ", policy, context)).toEqual(["common"]);
    expect(checkPassword("ada.lovelace's zebra", policy, context)).toEqual([]);
    expect(checkPassword("example.com", policy, context)).toEqual([]);
    expect(checkPassword("ada.lovelace", policy, { email: undefined })).toEqual([]);
  });

  test("problems of length agree with the policy for every text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.nat(20), fc.nat(20), (password, minLength, more) => {
        const problems = checkPassword(password, { minLength, maxLength: minLength + more }, {});
        const length = [...password].length;
        fc.pre(password.trim() !== "");
        expect(problems.includes("too_short")).toBe(length < minLength);
        expect(problems.includes("too_long")).toBe(length > minLength + more);
      }),
    );
  });
});
