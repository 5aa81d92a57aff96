import { hash, timingSafeEqual } from "node:crypto";
import type { TokenHash } from "../database/token-hash.js";
import { createHmacSha256 } from "./hmac.js";
import { randomBytes } from "./random.js";

/** What the client holds and shows with each request. Never stored, never logged. */
export type RawToken = string & { readonly RawToken: unique symbol };
/** 32 bytes that only the holder of the token has. */
export type Secret = Buffer & { readonly Secret: unique symbol };

/** A token whose tag was right: this server, or one with the same key, issued it to this client. */
export interface VerifiedToken {
  readonly raw: RawToken;
  readonly generation: number;
  /** When the generation began, unix milliseconds. A hint for guessing whether a rotation is due; the row decides. */
  readonly began: number;
  readonly secret: Secret;
}

// version ‖ generation ‖ began ‖ secret ‖ tag: 60 bytes, so 80 characters of base64url with no bits left over.
const version = 1;
const generationAt = 1;
const beganAt = 6;
const secretAt = 12;
const tagAt = 44;
const tokenSize = 60;
const tokenShape = /^[\w-]{80}$/;
// Not dots alone: in a path they mean another address, so DELETE /sessions/.. would delete the account (RFC 3986 §5.2.4).
const clientShape = /^(?!\.+$)[\w.~-]{1,64}$/;

/** Makes and opens the tokens of one or more server keys. The first key signs, all verify, so that a key can be changed without logging anyone out. */
export interface TokenIssuer {
  /** The token of a generation. The same bytes whoever computes it with the same key. */
  issue(client: string, generation: number, began: number, secret: Secret): RawToken;
  /** `undefined` for anything that was not issued to this client: found out without a query. */
  verify(client: string, raw: string): VerifiedToken | undefined;
}

/**
 * `keys`: 16 to 64 bytes each. `scope`: the model's name; a token of one scope is not a token of another, and no query is needed
 * to find that out.
 */
export function createTokenIssuer(keys: readonly Uint8Array[], scope: string): TokenIssuer {
  const signers = keys.map(createHmacSha256);
  const sign = signers[0];
  if (!sign) throw new TypeError("A token issuer needs at least one key");
  const bytes = Buffer.alloc(tokenSize);
  const shownTag = bytes.subarray(tagAt);
  const shownSecret = bytes.subarray(secretAt, tagAt);
  const beforeTag = bytes.subarray(0, tagAt);
  const tag = Buffer.alloc(tokenSize - tagAt);
  // What is signed: scope ‖ 0 ‖ client ‖ version ‖ generation ‖ began ‖ secret. Neither name holds a zero byte and what follows
  // the client has a fixed length, so no two messages read alike.
  const prefix = Buffer.from(`${scope}\0`);
  const messages: Buffer[] = [];
  const signed = (client: string): Buffer => {
    const clientEnd = prefix.length + client.length;
    const message = messages[client.length] ?? Buffer.concat([prefix], clientEnd + tagAt);
    messages[client.length] = message;
    message.write(client, prefix.length, "latin1");
    message.set(beforeTag, clientEnd);
    return message;
  };

  return {
    issue(client, generation, began, secret) {
      bytes[0] = version;
      bytes.writeUIntBE(generation, generationAt, 5);
      bytes.writeUIntBE(began, beganAt, 6);
      bytes.set(secret, secretAt);
      bytes.write(sign(signed(client)), tagAt, tokenSize - tagAt, "base64url");
      return bytes.toString("base64url") as RawToken;
    },
    verify(client, raw) {
      if (raw.length !== 80 || !tokenShape.test(raw) || !isClientId(client)) return undefined;
      bytes.write(raw, "base64url");
      if (bytes[0] !== version) return undefined;
      const message = signed(client);
      for (const signer of signers) {
        tag.write(signer(message), 0, tag.length, "base64url");
        if (!timingSafeEqual(tag, shownTag)) continue;
        return {
          raw: raw as RawToken,
          generation: bytes.readUIntBE(generationAt, 5),
          began: bytes.readUIntBE(beganAt, 6),
          secret: Buffer.from(shownSecret) as Secret,
        };
      }
      return undefined;
    },
  };
}

/** True for what may stand in the `client` header: 1 to 64 characters that are safe in URLs (RFC 3986 §2.3), and not dots alone. */
export function isClientId(client: string): boolean {
  return clientShape.test(client);
}

/** The secret of generation 0: 256 random bits. */
export function newSecret(): Secret {
  return randomBytes(32) as Secret;
}

// counter ‖ secret ‖ nonce: 52 bytes, so one block of SHA-256.
const step = Buffer.from([0, 0, 0, 1, ...Buffer.alloc(48)]);

/**
 * The secret of the next generation. Everyone who holds the old token computes the same; nobody else can. `nonce`: 16 bytes in
 * base64url. The one-step key derivation of NIST SP 800-56C Rev. 2, §4.1, option 1 (SHA-256), with the nonce as its FixedInfo.
 */
export function nextSecret(secret: Secret, nonce: string): Secret {
  step.set(secret, 4);
  if (step.write(nonce, 36, "base64url") !== 16) throw new TypeError("A nonce has 16 bytes");
  return Buffer.from(hash("sha256", step, "base64url"), "base64url") as Secret;
}

/** What is stored of a secret. It has full entropy, so a slow hash would buy nothing. */
export function hashSecret(secret: Secret): TokenHash {
  return hash("sha256", secret, "base64url") as TokenHash;
}

const left = Buffer.alloc(43);
const right = Buffer.alloc(43);

/** Compares two hashes in constant time. */
export function sameHash(one: TokenHash, other: TokenHash): boolean {
  left.fill(0).write(one, "latin1");
  right.fill(0).write(other, "latin1");
  return timingSafeEqual(left, right) && one.length === other.length;
}
