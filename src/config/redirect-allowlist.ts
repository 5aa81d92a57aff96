import { parseUrl } from "../parse-url.js";

/** Where Keyturn may send a browser, with credentials or without. What is not listed is refused. */
export interface RedirectAllowlist {
  allows(url: string): boolean;
}

/** A URL or a pattern, taken apart. In a pattern `*` is any one part, no path is any path. */
interface UrlParts {
  readonly scheme: string;
  readonly host: readonly string[];
  readonly port: string;
  readonly path: readonly string[] | undefined;
}

// They run, show or open something other than the app. `intent:` names what it opens in its fragment.
const forbiddenSchemes: ReadonlySet<string> = new Set(
  "javascript data vbscript file blob filesystem about view-source intent ws wss ftp".split(" "),
);
const longestUrl = 4096;
const anyLabel = "any-label-of-a-keyturn-pattern";

/**
 * The redirect allow-list. A pattern is a scheme, a host, a port and a path:
 *
 * - `https://app.example.com/done`: this page. `https://app.example.com`: any path of this origin.
 * - `https://app.example.com/app/*`: everything below `/app/`. Further inside, `*` stands for one segment.
 * - `https://*.example.com/*`: one label, so neither `example.com` nor `a.b.example.com`. Two labels are always spelt out.
 * - `http://localhost:*`: any port. Without a port: the scheme's own.
 * - `com.example.app://auth/*`, `myapp:/callback`: schemes of mobile apps.
 *
 * URLs are compared after WHATWG parsing: unicode hosts in punycode, path segments decoded, case kept in paths. Query and
 * fragment are the page's own business and are not compared. `allowLoopback` adds every http(s) origin of this machine.
 * Throws a TypeError for a pattern that `checkPattern` objects to. Source: RFC 9700 §4.11.1.
 */
export function createRedirectAllowlist(options: {
  readonly patterns: readonly string[];
  readonly allowLoopback: boolean;
}): RedirectAllowlist {
  const patterns = options.patterns.map((pattern) => {
    const parsed = parsePattern(pattern);
    if (typeof parsed === "string") throw new TypeError(parsed);
    return parsed;
  });
  return {
    allows(raw) {
      const url = parseStrictly(raw);
      if (url === undefined) return false;
      const parts = partsOf(url);
      if (parts === undefined) return false;
      return (
        (options.allowLoopback && isLoopback(url)) || patterns.some((pattern) => matches(pattern, parts))
      );
    },
  };
}

/** What is wrong with a pattern of the allow-list, as a sentence for the operator; `undefined` if nothing is. */
export function checkPattern(pattern: string): string | undefined {
  const parsed = parsePattern(pattern);
  return typeof parsed === "string" ? parsed : undefined;
}

/**
 * Whether an `Origin` header, or any origin as browsers write it, is http or https on this machine: `localhost`, 127.0.0.0/8
 * (RFC 1122 §3.2.1.3) or `[::1]`, on any port.
 */
export function isLoopbackOrigin(origin: string): boolean {
  const url = parseUrl(origin);
  return url !== undefined && url.origin === origin && isLoopback(url);
}

/** What a page's Content-Security-Policy calls the place of an address: its origin, or the scheme of an app. */
export function policySource(address: string): string {
  const { origin, protocol } = new URL(address);
  return origin === "null" ? protocol : origin;
}

function matches(pattern: UrlParts, url: UrlParts): boolean {
  return (
    pattern.scheme === url.scheme &&
    (pattern.port === "*" || pattern.port === url.port) &&
    pattern.host.length === url.host.length &&
    pattern.host.every((label, at) => (label === "*" ? url.host[at] !== "" : label === url.host[at])) &&
    (pattern.path === undefined || pathMatches(pattern.path, url.path ?? []))
  );
}

function pathMatches(pattern: readonly string[], path: readonly string[]): boolean {
  const isOpen = pattern.at(-1) === "*";
  if (isOpen ? path.length < pattern.length : path.length !== pattern.length) return false;
  return pattern.every((segment, at) => segment === "*" || segment === path[at]);
}

/** Parses an absolute URL with nothing in it that two parsers might read in two ways. */
function parseStrictly(raw: string): URL | undefined {
  if (raw.length > longestUrl || /[\p{Cc}\s\\]/u.test(raw)) return undefined;
  const [, scheme = "", authority, path = ""] =
    /^([a-z][a-z0-9+.-]*):(?:\/\/([^/?#]*))?([^?#]*)/i.exec(raw) ?? [];
  // WHATWG parsers mend `https:/evil.example` and `https:///evil.example`; others see no host there.
  if (/^https?$/i.test(scheme) && !authority) return undefined;
  if (/[@%]/.test(authority ?? "")) return undefined;
  // new URL resolves dot segments, also encoded ones. The pages that honest clients name have none.
  if (/%2e/i.test(path) || path.split("/").some(isDots)) return undefined;
  const url = parseUrl(raw);
  return url === undefined || forbiddenSchemes.has(url.protocol.slice(0, -1)) ? undefined : url;
}

function partsOf(url: URL): UrlParts | undefined {
  // `myapp:callback` has neither host nor path; nothing could be compared.
  if (url.pathname !== "" && !url.pathname.startsWith("/")) return undefined;
  const path = decodeSegments(url.pathname || "/");
  return path && { scheme: url.protocol, host: url.hostname.split("."), port: url.port, path };
}

/** Segments of a path, decoded, or `undefined` if it is ambiguous: encoded slashes, empty segments, control characters. */
function decodeSegments(pathname: string): readonly string[] | undefined {
  try {
    const segments = pathname.split("/").slice(1).map(decodeURIComponent);
    const isUnclear = segments.some((segment) => /[\p{Cc}/\\]/u.test(segment) || isDots(segment));
    return isUnclear || segments.slice(0, -1).includes("") ? undefined : segments;
  } catch {
    return undefined;
  }
}

/** A pattern's parts, or the sentence that says why it has none. */
function parsePattern(pattern: string): UrlParts | string {
  const name = JSON.stringify(pattern);
  const [, scheme, authority, path] = /^([a-z][a-z0-9+.-]*):(?:\/\/([^/]*))?(\/.*)?$/is.exec(pattern) ?? [];
  if (scheme === undefined) return `${name} has no scheme and host; write it like https://app.example.com/*`;
  if (forbiddenSchemes.has(scheme.toLowerCase()))
    return `${name} has a scheme that can never be a redirect's`;
  if (/[?#]/.test(pattern)) return `${name} has a query or a fragment; they are not compared, leave them out`;
  if (!authority && path === undefined) return `${name} names neither a host nor a path`;

  const isWeb = /^https?$/i.test(scheme);
  const [, host, port = ""] = /^(\[[^\]]*\]|[^:]*)(?::(\d+|\*))?$/.exec(authority ?? "") ?? [];
  if (host === undefined) return `${name} has a port that is neither a number nor *`;
  if (isWeb && host === "") return `${name} has no host`;
  const labels = host.split(".");
  if (labels.some((label) => label !== "*" && label.includes("*"))) {
    return `${name} mixes * with letters in its host; it stands for a whole label, as in https://*.example.com`;
  }
  if (isWeb && labels.slice(labels.at(-1) === "localhost" ? -1 : -2).includes("*")) {
    return `${name} would match hosts of strangers; spell out the last two labels of the host`;
  }

  const address = host.replaceAll("*", anyLabel) + (/\d/.test(port) ? `:${port}` : "");
  const url = parseStrictly(`${scheme}:${authority === undefined ? "" : "//"}${address}${path ?? ""}`);
  const parts = url && partsOf(url);
  if (parts === undefined) return `${name} is not a URL that a redirect may have`;
  if (parts.path?.some((segment, at) => segment.includes("*") && path?.split("/")[at + 1] !== "*")) {
    return `${name} mixes * with letters in its path; it stands for whole segments, as in /app/*`;
  }
  return {
    scheme: parts.scheme,
    host: parts.host.map((label) => (label === anyLabel ? "*" : label)),
    port: port === "*" ? port : parts.port,
    path: path === undefined ? undefined : parts.path,
  };
}

function isLoopback(url: URL): boolean {
  return /^https?:$/.test(url.protocol) && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
}

function isDots(segment: string): boolean {
  return segment === "." || segment === "..";
}
