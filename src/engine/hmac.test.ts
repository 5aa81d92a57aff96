import { createHmac } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createHmacSha256 } from "./hmac.js";

const bytes = (range: { minLength: number; maxLength: number }) => fc.uint8Array(range);
const standard = (key: Uint8Array, message: Uint8Array): string =>
  createHmac("sha256", key).update(message).digest("base64url");

test("a prepared key signs as node:crypto does, whatever the lengths and their order", () => {
  fc.assert(
    fc.property(
      bytes({ minLength: 1, maxLength: 64 }),
      fc.array(bytes({ minLength: 0, maxLength: 256 }), { minLength: 1, maxLength: 8 }),
      (key, messages) => {
        const sign = createHmacSha256(key);
        for (const message of messages) expect(sign(message)).toBe(standard(key, message));
      },
    ),
  );
});

test("two prepared keys that are used in turn do not disturb each other", () => {
  const [one, two] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
  const [signOne, signTwo] = [createHmacSha256(one), createHmacSha256(two)];
  const message = Buffer.from("message");
  signOne(message);
  signTwo(message);
  expect(signOne(message)).toBe(standard(one, message));
  expect(signTwo(message)).toBe(standard(two, message));
});

test("RFC 4231, test case 2", () => {
  const digest = createHmacSha256(Buffer.from("Jefe"))(Buffer.from("what do ya want for nothing?"));
  expect(Buffer.from(digest, "base64url").toString("hex")).toBe(
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  );
});

test("a key that is longer than a block is refused, because it would have to be hashed first", () => {
  expect(() => createHmacSha256(Buffer.alloc(65))).toThrow(RangeError);
  expect(() => createHmacSha256(Buffer.alloc(64))).not.toThrow();
});
