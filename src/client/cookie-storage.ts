import type { ReadableHeaders } from "./credentials.js";
import type { Globals } from "./globals.js";
import { decodeEntry, entryLength } from "./record.js";
import type { ClientStorage, SendRequest, WithCookies } from "./storage.js";

/** As long as Chromium lets a cookie live. Safari ends one that a script wrote after seven days without a visit. */
const longest = 400 * 86400;

/**
 * Keeps the session in a cookie, where the app's own server can read it: `createClient({ apiUrl, storage: cookieStorage })`. A cookie
 * that a script wrote is one that scripts can read.
 */
export const cookieStorage: ClientStorage = cookieStorageIn(globalThis);

/** The same for a place that a test may bring. */
export function cookieStorageIn(place: object): ClientStorage {
  const globals = place as Globals;
  const read = (): string => globals.document?.cookie ?? "";
  const isSecure = (): boolean => globals.location?.href.startsWith("https:") === true;
  const write = (key: string, value: string, age: string): void => {
    if (!globals.document) throw new Error("There is no page here, so there are no cookies of one");
    globals.document.cookie = cookieText(key, value, isSecure(), age);
  };
  const kept = (age: string): ClientStorage => ({
    getItem: (key) => cookieValue(key, read()),
    setItem(key, value) {
      write(key, value, age);
      // A cookie that is too long vanishes without an error.
      if (cookieValue(key, read()) !== value) throw new Error("The cookie was not kept");
    },
    removeItem: (key) => write(key, "", ";max-age=0"),
  });
  return {
    ...kept(`;max-age=${longest}`),
    needsPage: true,
    untilClosed: kept(""),
    forRequest: (headers, open, fetch) => requestClient(headers, globals, open, fetch),
  };
}

/** The client of one incoming request: what its cookies say, and what has to go back. */
function requestClient<C extends object>(
  headers: ReadableHeaders,
  globals: Globals,
  open: (more: { readonly storage: ClientStorage; readonly fetch: SendRequest }) => C,
  fetch: SendRequest,
): C & WithCookies {
  let newest: { readonly key: string; readonly value: string } | undefined;
  let append: ((cookie: string) => void) | undefined;
  // Only the browser knows whether the page is on https; a proxy in front says so.
  const isSecure = String(headers.get("x-forwarded-proto") ?? headers.get("origin") ?? "").startsWith(
    "https",
  );
  const hand = (): void => {
    if (newest && append)
      append(cookieText(newest.key, newest.value, isSecure, `;max-age=${newest.value ? longest : 0}`));
  };
  const put = (key: string, value: string): void => {
    newest = { key, value };
    hand();
    if (globals.process?.env?.["NODE_ENV"] !== "development") return;
    const timer = globals.setTimeout(() => {
      if (!append)
        console.warn(
          'keyturn: this response does not give the browser the newest token, which with lostResponses "expire" signs it out. Call setCookies, or see docs/client.md, Servers',
        );
    }, 1000);
    (timer as { unref?(): void }).unref?.();
  };
  const cookieOf = (key: string): string | undefined => cookieValue(key, String(headers.get("cookie") ?? ""));
  const client = open({
    storage: {
      getItem: (key) => newest?.value ?? cookieOf(key),
      setItem: put,
      removeItem: (key) => put(key, ""),
    },
    // The browser may never be given the newer token. Whoever shows it tells the server that it arrived, and the browser's own is refused.
    fetch(request) {
      const [newer, own] = [tokenIn(newest?.value), tokenIn(newest && cookieOf(newest.key))];
      const shown =
        newer && own && !append ? [...request.headers].filter(([, value]) => value === newer) : [];
      for (const [name] of shown) request.headers.set(name, own ?? "");
      return fetch(request);
    },
  });
  const setCookies = (give: (cookie: string) => void): void => {
    append = give;
    hand();
  };
  // Assigned to it, because a copy would lose what `state` reads.
  return Object.assign(client, { setCookies });
}

function tokenIn(text: string | undefined): string | undefined {
  const entry = decodeEntry(text ?? "");
  return typeof entry === "object" ? entry.held?.token : undefined;
}

/** The value of `document.cookie` or of `Set-Cookie`. */
function cookieText(key: string, value: string, isSecure: boolean, age: string): string {
  const secure = isSecure ? ";secure" : "";
  return `${encodeURIComponent(key)}=${encodeURIComponent(value.trimEnd())};path=/;samesite=lax${secure}${age}`;
}

/** The value of one cookie in `document.cookie` or in `Cookie`, with the spaces at its end that were not worth sending. */
function cookieValue(key: string, cookies: string): string | undefined {
  const found = cookies.split(/; */).find((pair) => pair.startsWith(`${encodeURIComponent(key)}=`));
  const value = found?.slice(found.indexOf("=") + 1);
  try {
    return value && decodeURIComponent(value).padEnd(entryLength);
  } catch {
    return value;
  }
}
