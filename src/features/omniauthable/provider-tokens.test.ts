import { expect, test } from "vitest";
import { parseLossless } from "./provider-fetch.js";
import { decryptTokens, encryptTokens, type ProviderTokens } from "./provider-tokens.js";

const tokens: ProviderTokens = {
  accessToken: "secret-access",
  refreshToken: null,
  expiresAt: 1,
  scope: "a b",
};
const [key, next] = ["k".repeat(32), "n".repeat(32)];

test("tokens are encrypted for one identity, and no two times alike", () => {
  const [one, other] = [encryptTokens([key], "identity", tokens), encryptTokens([key], "identity", tokens)];
  expect(one).not.toBe(other);
  expect(Buffer.from(one, "base64url").toString("latin1")).not.toContain("secret-access");
  expect(decryptTokens([key], "identity", one)).toEqual(tokens);
  expect(decryptTokens([key], "another", one)).toBeUndefined();
  expect(decryptTokens([next], "identity", one)).toBeUndefined();
  expect(decryptTokens([key], "identity", `${one.slice(0, -2)}AA`)).toBeUndefined();
  expect(decryptTokens([key], "identity", "")).toBeUndefined();
});

test("a new server key encrypts, and the old one still decrypts", () => {
  const old = encryptTokens([key], "identity", tokens);
  expect(decryptTokens([next, key], "identity", old)).toEqual(tokens);
  expect(decryptTokens([key], "identity", encryptTokens([next, key], "identity", tokens))).toBeUndefined();
});

test("whole numbers past 2^53 are read without loss, and nothing in texts is touched", () => {
  const text =
    '{"id":9007199254740993,"neg":-9007199254740993,"n":12,"f":1.5e3,"t":"id 9007199254740993 \\" 1","l":[90071992547409931]}';
  expect(parseLossless(text)).toEqual({
    id: "9007199254740993",
    neg: "-9007199254740993",
    n: 12,
    f: 1500,
    t: 'id 9007199254740993 " 1',
    l: ["90071992547409931"],
  });
});
