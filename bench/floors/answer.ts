/**
 * The floor: the same statements, the same hashing and the same answer as Keyturn's, written by hand for one route and one kind of
 * account. No key that tags tokens, no successors, no batches, no slow requests, no cookies, no proxies, no retries.
 */
import { hash, randomFillSync, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

export interface FloorAnswer {
  readonly account: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
}

/** Answers at once where the database does (SQLite), so that nothing is waited for in vain. `undefined`: 401. */
export type Floor = (
  headers: IncomingHttpHeaders,
  address: string | undefined,
) => FloorAnswer | undefined | Promise<FloorAnswer | undefined>;

/** What a request claims. */
export interface Shown {
  readonly token: string;
  readonly client: string;
  readonly uid: string;
  readonly hash: string;
}

/** Milliseconds. */
export const lifespan = 14 * 86_400_000;

const tokenBytes = 60;
const pool = Buffer.alloc(tokenBytes * 64);
let used = pool.length;

export function hashOf(token: string): string {
  return hash("sha256", token, "base64url");
}

/** Random text as long as Keyturn's tokens. */
export function newToken(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += tokenBytes;
  return pool.toString("base64url", used - tokenBytes, used);
}

/** As long as the nonce that Keyturn keeps. */
export function nonceOf(token: string): string {
  return token.slice(0, 22);
}

export function readShown(headers: IncomingHttpHeaders): Shown | undefined {
  const token = headers["access-token"];
  const client = headers["client"];
  const uid = headers["uid"];
  if (typeof token !== "string" || typeof client !== "string" || typeof uid !== "string") return undefined;
  return { token, client, uid, hash: hashOf(token) };
}

export function isSame(shownHash: string, storedHash: string): boolean {
  return timingSafeEqual(Buffer.from(shownHash), Buffer.from(storedHash));
}

/** Whole seconds, and later than the one before, because clients order answers by it. */
export function nextExpiry(now: number, expiresAt: number): number {
  return Math.max(Math.floor((now + lifespan) / 1000) * 1000, expiresAt + 1000);
}

export function answerOf(
  token: string,
  client: string,
  uid: string,
  expiresAt: number,
  account: FloorAnswer["account"],
): FloorAnswer {
  const expiry = String(expiresAt / 1000);
  const fields = { "access-token": token, "token-type": "Bearer", client, expiry, uid };
  return {
    account,
    headers: {
      "access-token": token,
      "token-type": "Bearer",
      client,
      expiry,
      uid,
      authorization: `Bearer ${Buffer.from(JSON.stringify(fields)).toString("base64")}`,
      "cache-control": "no-store",
      vary: "Origin",
    },
  };
}
