import { createHash, createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TokenHash } from "../database/token-hash.js";
import {
  createTokenIssuer,
  hashSecret,
  isClientId,
  newSecret,
  nextSecret,
  type Secret,
  sameHash,
} from "./token.js";

const key = Buffer.alloc(32, 1);
const otherKey = Buffer.alloc(32, 2);
const issuer = createTokenIssuer([key], "user");
const secret = Buffer.alloc(32, 9) as Secret;
const client = "Zm9vYmFyYmF6cXV4MTIzNA";
const began = 1_767_225_600_123;
const token = issuer.issue(client, 7, began, secret);

describe("a token", () => {
  test("says its generation, when that began, and its secret to the server that issued it", () => {
    const largest = { generation: 2 ** 40 - 1, began: 2 ** 48 - 1 };
    for (const given of [{ generation: 0, began: 0 }, { generation: 7, began }, largest]) {
      const raw = issuer.issue(client, given.generation, given.began, secret);
      expect(issuer.verify(client, raw)).toEqual({ raw, secret, ...given });
    }
  });

  test("is 80 characters that are safe in headers and URLs, the same ones whoever computes it", () => {
    expect(token).toMatch(/^[A-Za-z0-9_-]{80}$/);
    expect(createTokenIssuer([key], "user").issue(client, 7, began, secret)).toBe(token);
  });

  test("carries 16 bytes of an HMAC over the model, the client and everything before them", () => {
    const bytes = Buffer.from(token, "base64url");
    const signed = Buffer.concat([Buffer.from(`user\0${client}`), bytes.subarray(0, 44)]);
    expect(bytes.subarray(44)).toEqual(createHmac("sha256", key).update(signed).digest().subarray(0, 16));
  });

  test("with any character changed is not a token (security 10)", () => {
    for (let at = 0; at < token.length; at++) {
      const other = token[at] === "A" ? "B" : "A";
      expect(issuer.verify(client, token.slice(0, at) + other + token.slice(at + 1))).toBeUndefined();
    }
  });

  test("with any bit changed is not a token (security 10)", () => {
    for (let bit = 0; bit < 60 * 8; bit++) {
      const bytes = Buffer.from(token, "base64url");
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(issuer.verify(client, bytes.toString("base64url"))).toBeUndefined();
    }
  });

  test("of another version is not opened, even with the right tag", () => {
    const bytes = Buffer.from(token, "base64url");
    bytes[0] = 2;
    const signed = Buffer.concat([Buffer.from(`user\0${client}`), bytes.subarray(0, 44)]);
    createHmac("sha256", key).update(signed).digest().copy(bytes, 44, 0, 16);
    expect(issuer.verify(client, bytes.toString("base64url"))).toBeUndefined();
  });

  test("is none in any other spelling: padded, with blanks, with + and /, cut, doubled, empty (security 10)", () => {
    // Node's decoder takes both alphabets, so this token is one that the other one spells differently.
    const spelled = Array.from({ length: 50 }, (_, generation) =>
      issuer.issue(client, generation, began, secret),
    );
    const either = spelled.find((one) => one.includes("-") && one.includes("_")) ?? "";
    expect(issuer.verify(client, either)).toBeDefined();
    const spellings = [
      "",
      token.slice(0, 79),
      `${token}A`,
      `${token}=`,
      ` ${token}`,
      `${token}\n`,
      `${token.slice(1)}\n`,
      token + token,
      "A".repeat(80),
      "+".repeat(80),
      "é".repeat(80),
      "A".repeat(1_000_000),
      either.replaceAll("-", "+"),
      either.replaceAll("_", "/"),
    ];
    for (const spelling of spellings) expect(issuer.verify(client, spelling)).toBeUndefined();
  });

  test("is none for another client, whatever its length (security 10)", () => {
    for (const other of ["", "x", client.slice(1), `${client}A`, `A${client}`, client.toLowerCase()])
      expect(issuer.verify(other, token)).toBeUndefined();
  });

  test("is none for another model, also when the names run into each other (security 10)", () => {
    const raw = createTokenIssuer([key], "ab").issue("cd", 0, began, secret);
    expect(createTokenIssuer([key], "a").verify("bcd", raw)).toBeUndefined();
    expect(createTokenIssuer([key], "abc").verify("d", raw)).toBeUndefined();
    expect(createTokenIssuer([key], "").verify("abcd", raw)).toBeUndefined();
    expect(createTokenIssuer([key], "admin").verify(client, token)).toBeUndefined();
  });

  test("of a random string is never one, and asking never throws (security 10)", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 100 }),
        fc.string({ maxLength: 80 }),
        (name, raw) => {
          expect(issuer.verify(name, raw)).toBeUndefined();
          expect(issuer.verify(name, raw.padEnd(80, "A").slice(0, 80))).toBeUndefined();
        },
      ),
    );
  });

  test("that was opened keeps its secret when the next one is opened", () => {
    const opened = issuer.verify(client, token);
    issuer.verify(client, issuer.issue(client, 8, began, Buffer.alloc(32, 5) as Secret));
    expect(opened?.secret).toEqual(secret);
  });
});

describe("server keys", () => {
  const old = createTokenIssuer([otherKey], "user");
  const both = createTokenIssuer([key, otherKey], "user");

  test("the first signs, all verify", () => {
    expect(both.issue(client, 7, began, secret)).toBe(token);
    expect(both.verify(client, token)?.generation).toBe(7);
    expect(both.verify(client, old.issue(client, 3, began, secret))?.generation).toBe(3);
  });

  test("a key that was taken off the list verifies no more", () => {
    expect(issuer.verify(client, old.issue(client, 3, began, secret))).toBeUndefined();
  });

  test("a list without a key is a mistake", () => {
    expect(() => createTokenIssuer([], "user")).toThrow(TypeError);
  });
});

describe("secrets", () => {
  test("the first one has 256 bits and never comes twice (security 1)", () => {
    const secrets = Array.from({ length: 2000 }, newSecret);
    expect(secrets.every((one) => one.length === 32)).toBe(true);
    expect(new Set(secrets.map((one) => one.toString("hex"))).size).toBe(2000);
  });

  test("the next one is derived from the last and the nonce, so whoever holds the same token gets the same successor", () => {
    const nonce = "bm9uY2Vub25jZW5vbmNlbg";
    // H(counter ‖ Z ‖ FixedInfo), NIST SP 800-56C Rev. 2 §4.1.
    const derived = createHash("sha256")
      .update(Buffer.of(0, 0, 0, 1))
      .update(secret)
      .update(Buffer.from(nonce, "base64url"));
    expect(nextSecret(secret, nonce)).toEqual(derived.digest());
    expect(nextSecret(secret, nonce)).toEqual(nextSecret(secret, nonce));
    expect(nextSecret(secret, `A${nonce.slice(1)}`)).not.toEqual(nextSecret(secret, nonce));
    expect(nextSecret(Buffer.alloc(32, 8) as Secret, nonce)).not.toEqual(nextSecret(secret, nonce));
  });

  test("a nonce of another length leads nowhere: what was there before would become a part of the secret", () => {
    for (const nonce of ["", "bm9uY2U", "bm9uY2Vub25jZW5vbmNl"])
      expect(() => nextSecret(secret, nonce)).toThrow(TypeError);
  });

  test("only SHA-256 of a secret is stored (security 2)", () => {
    expect(hashSecret(secret)).toBe(createHash("sha256").update(secret).digest("base64url"));
  });

  test("hashes are the same only when all of them is", () => {
    const hash = hashSecret(secret);
    const of = (text: string): TokenHash => text as TokenHash;
    expect(sameHash(hash, of(`${hash}`))).toBe(true);
    for (let at = 0; at < hash.length; at++)
      expect(sameHash(hash, of(`${hash.slice(0, at)}~${hash.slice(at + 1)}`))).toBe(false);
    for (const other of ["", hash.slice(0, 42), `${hash}A`, `${hash}\0`])
      expect(sameHash(hash, of(other))).toBe(false);
    expect(sameHash(of(""), of("\0"))).toBe(false);
    expect(sameHash(of("short"), of("short"))).toBe(true);
  });
});

test("a client's id is 1 to 64 characters that are safe in URLs", () => {
  for (const good of ["a", client, "A-Z_a.z~0", "x".repeat(64)]) expect(isClientId(good)).toBe(true);
  for (const bad of ["", "x".repeat(65), "a b", "a/b", "é", "a\n", "a\0", "<a>"])
    expect(isClientId(bad)).toBe(false);
});
