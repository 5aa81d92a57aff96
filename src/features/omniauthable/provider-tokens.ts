import { createCipheriv, createDecipheriv, hkdfSync } from "node:crypto";
import { randomBytes } from "../../engine/random.js";

/** Tokens that a provider gave the app, for requests on somebody's behalf. */
export interface ProviderTokens {
  readonly accessToken: string;
  readonly refreshToken: string | null;
  /** Unix milliseconds; `null`: the provider says nothing. */
  readonly expiresAt: number | null;
  readonly scope: string | null;
}

const [ivLength, tagLength, keyLength] = [12, 16, 32];

/** Encrypts tokens for one identity: AES-256-GCM with a key of the first server key. Elsewhere they cannot be decrypted. */
export function encryptTokens(
  serverKeys: readonly string[],
  identityId: string,
  tokens: ProviderTokens,
): string {
  const [key = ""] = serverKeys;
  const iv = randomBytes(ivLength);
  const cipher = createCipheriv("aes-256-gcm", keyFrom(key), iv).setAAD(Buffer.from(identityId));
  const text = Buffer.concat([cipher.update(JSON.stringify(tokens), "utf8"), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), text]).toString("base64url");
}

/** Decrypts tokens with whichever server key they were encrypted with. `undefined`: with none of them. */
export function decryptTokens(
  serverKeys: readonly string[],
  identityId: string,
  encrypted: string,
): ProviderTokens | undefined {
  const bytes = Buffer.from(encrypted, "base64url");
  const iv = bytes.subarray(0, ivLength);
  const tag = bytes.subarray(ivLength, ivLength + tagLength);
  for (const key of serverKeys) {
    try {
      const decipher = createDecipheriv("aes-256-gcm", keyFrom(key), iv)
        .setAAD(Buffer.from(identityId))
        .setAuthTag(tag);
      const text = Buffer.concat([decipher.update(bytes.subarray(ivLength + tagLength)), decipher.final()]);
      return JSON.parse(text.toString("utf8")) as ProviderTokens;
    } catch {
      // Another key may fit.
    }
  }
  return undefined;
}

function keyFrom(serverKey: string): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", serverKey, "", "keyturn provider tokens", keyLength));
}
