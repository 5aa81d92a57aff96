import type { HeaderList } from "../http/origins.js";

/** The headers of a response, whichever kind of response it is. Names are in lower case. */
export interface HeaderBag {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
  remove(name: string): void;
  /** Every `Set-Cookie`. */
  cookies(): readonly string[];
  setCookies(values: readonly string[]): void;
}

/** What contradicts `no-store`, or would take it back (RFC 9111 §5.2.2, RFC 5861, RFC 8246). */
const contradictions: ReadonlySet<string> = new Set([
  "no-store",
  "public",
  "max-age",
  "s-maxage",
  "immutable",
  "must-understand",
  "stale-while-revalidate",
  "stale-if-error",
]);
/** For single caches only, in place of Cache-Control (RFC 9213). */
const targetedCaches = [
  "cdn-cache-control",
  "cloudflare-cdn-cache-control",
  "vercel-cdn-cache-control",
  "netlify-cdn-cache-control",
  "surrogate-control",
];
/** Text in quotes may hold commas. A quote that nothing closes ends the list: it would swallow what comes behind it. */
const directive = /(?:[^,"]|"(?:\\.|[^"\\])*"|".*$)+/gs;
const wellFormed = /^(?:[^"]|"(?:\\.|[^"\\])*")*$/;

/** `Cache-Control` with `no-store`: keeps the rest of the app's own, such as `no-transform`, and drops what contradicts it. */
export function withNoStore(value: string | undefined): string {
  if (value === undefined || value === "no-store") return "no-store";
  const kept = (value.match(directive) ?? [])
    .map((part) => part.trim())
    .filter(
      (part) =>
        part !== "" &&
        wellFormed.test(part) &&
        !contradictions.has(part.split("=", 1)[0]?.trim().toLowerCase() ?? ""),
    );
  return [...kept, "no-store"].join(", ");
}

/** No cache keeps this response. */
export function forbidCaching(bag: HeaderBag): void {
  const value = bag.get("cache-control");
  if (value !== "no-store") bag.set("cache-control", withNoStore(value));
  for (const name of targetedCaches) if (bag.get(name) !== undefined) bag.set(name, "no-store");
}

/** Puts the credentials into a response. What the app has set under the same names gives way: a set of them is whole or worthless. */
export function addCredentials(bag: HeaderBag, credentials: Credentials): void {
  for (const [name, value] of credentials) {
    if (name === "set-cookie") {
      const cookies = bag.cookies();
      if (!cookies.includes(value)) bag.setCookies([...cookies, value]);
    } else if (name !== "cache-control" && bag.get(name) !== value) bag.set(name, value);
  }
  forbidCaching(bag);
}

/** Takes credentials that have become stale out of a response. Cookies of the app's own stay. */
export function removeCredentials(bag: HeaderBag, credentials: Credentials): void {
  for (const [name, value] of credentials) {
    if (name === "set-cookie") {
      const cookies = bag.cookies();
      if (cookies.includes(value)) bag.setCookies(cookies.filter((cookie) => cookie !== value));
    } else if (name !== "cache-control" && bag.get(name) === value) bag.remove(name);
  }
  forbidCaching(bag);
}

type Credentials = readonly (readonly [name: string, value: string])[];

/** Sets headers, those of CORS for one. What the app exposes and varies by is kept. */
export function mergeHeaders(bag: HeaderBag, headers: HeaderList): void {
  for (const [name, value] of headers) {
    const isList = name === "vary" || name === "access-control-expose-headers";
    const present = bag.get(name);
    const merged = isList ? union(present, value) : value;
    if (merged !== present) bag.set(name, merged);
  }
}

// Header names, each once, in any case.
function union(present: string | undefined, ours: string): string {
  if (present === undefined || present.trim() === "") return ours;
  const names = present.split(",").map((name) => name.trim().toLowerCase());
  const missing = ours.split(", ").filter((name) => !names.includes(name.toLowerCase()));
  return missing.length === 0 ? present : `${present}, ${missing.join(", ")}`;
}
