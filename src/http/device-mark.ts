import type { Authentication } from "../engine/authentication.js";
import { deviceMarkHeader } from "../protocol.js";
import { attributes, type CookieSettings } from "./cookie.js";
import type { RequestHead } from "./credentials.js";

/** As long as Chromium lets a cookie live, in seconds. */
const longest = 400 * 86_400;

interface MarkSettings extends Pick<CookieSettings, "cookieName" | "cookieSameSite"> {
  readonly cookieEnabled: boolean;
}

/** The mark that a device shows: in its header, or in the cookie where cookies are enabled. What is no mark of ours counts as none. */
export function readDeviceMark(
  { header }: Pick<RequestHead, "header">,
  settings: MarkSettings,
): string | undefined {
  const shown =
    header(deviceMarkHeader) ?? (settings.cookieEnabled ? cookieIn(header("cookie"), settings) : "");
  return shown !== undefined && /^[\w-]{43}$/.test(shown) ? shown : undefined;
}

/** The cookie that keeps the mark of a device that has just signed in, out of reach of scripts. */
export function deviceCookie({ deviceMark }: Authentication, settings: MarkSettings): readonly string[] {
  if (deviceMark === undefined) return [];
  return [`${nameOf(settings)}=${deviceMark}; Max-Age=${longest}; ${attributes(settings)}`];
}

// With the prefix no other host of the same site can plant a mark that it knows (RFC 6265bis §4.1.3.2).
function nameOf({ cookieName }: MarkSettings): string {
  return `__Host-${cookieName.replace(/^__(Host|Secure)-/, "")}-device`;
}

function cookieIn(cookies: string | undefined, settings: MarkSettings): string | undefined {
  const start = `${nameOf(settings)}=`;
  const pair = (cookies ?? "").split(/; */).find((one) => one.startsWith(start));
  return pair?.slice(start.length);
}
