import type { Authentication } from "../engine/authentication.js";
import type { HeaderNames } from "../protocol.js";
import { encodeFields } from "./credentials.js";

export interface CookieSettings {
  readonly headersNames: HeaderNames;
  readonly cookieName: string;
  readonly cookieSameSite: "strict" | "lax" | "none";
  /** Server's own origin. */
  readonly baseUrl: string;
}

/** Bytes of name and value that every browser keeps (RFC 6265bis §5.6). */
const longestCookie = 4096;

/** The `Set-Cookie` that keeps the credentials of an authentication until they expire, out of reach of scripts (RFC 6265). */
export function credentialCookie(authentication: Authentication, settings: CookieSettings): string {
  const value = encodeFields(authentication, settings.headersNames);
  const seconds = Math.max(0, authentication.expiry - Math.floor(authentication.session.rotatedAt / 1000));
  const cookie = `${settings.cookieName}=${value}`;
  if (cookie.length > longestCookie)
    throw new RangeError(`The cookie would have ${cookie.length} bytes; browsers keep ${longestCookie}`);
  return `${cookie}; Max-Age=${seconds}; ${attributes(settings)}`;
}

/** The `Set-Cookie` that takes it away again. */
export function clearedCookie(settings: CookieSettings): string {
  return `${settings.cookieName}=; Max-Age=0; ${attributes(settings)}`;
}

/** The attributes that every cookie of ours has. */
export function attributes({ cookieSameSite }: Pick<CookieSettings, "cookieSameSite">): string {
  const sameSite = { strict: "Strict", lax: "Lax", none: "None" }[cookieSameSite];
  return `Path=/; Secure; HttpOnly; SameSite=${sameSite}`;
}
