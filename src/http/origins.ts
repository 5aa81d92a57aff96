import { isLoopbackOrigin } from "../config/redirect-allowlist.js";
import { deviceMarkHeader, type HeaderNames } from "../protocol.js";
import type { RequestHead } from "./credentials.js";

export interface OriginSettings {
  readonly baseUrl: string;
  readonly production: boolean;
  /** `false`: the app does CORS itself. */
  readonly cors:
    | false
    | {
        readonly origins: readonly string[];
        readonly exposedHeaders: readonly string[];
        /** `undefined`: whatever a preflight asks for. */
        readonly allowedHeaders?: readonly string[] | undefined;
        /** Seconds. */
        readonly maxAge: number;
      };
  readonly cookieEnabled: boolean;
  readonly headersNames: HeaderNames;
}

/** Names and values. Adapters merge them with those that the app has set itself. */
export type HeaderList = [name: string, value: string][];

/** What a preflight asks to be allowed. */
export interface PreflightQuestion {
  /** `Access-Control-Request-Method`. */
  readonly method?: string | undefined;
  /** `Access-Control-Request-Headers`. */
  readonly headers?: string | undefined;
}

/** Which origins may read responses, and what their browsers are told (Fetch standard, "CORS protocol"). */
export interface Origins {
  /** Whether Keyturn does CORS at all: not with `cors: false`. */
  readonly isEnabled: boolean;
  isAllowed(origin: string): boolean;
  /** Headers for the response to a request of this origin; for any origin, `Vary: Origin` is among them. */
  headers(origin: string | undefined): HeaderList;
  /** Headers of the response to a preflight request (`OPTIONS` with `Access-Control-Request-Method`). */
  preflight(origin: string | undefined, asked?: PreflightQuestion): HeaderList;
  /**
   * Whether a browser sent this on behalf of another site: then a cookie proves nothing (OWASP, Cross-Site Request Forgery).
   * Reading is not a state change and always passes.
   */
  isForged(head: Pick<RequestHead, "method" | "header">): boolean;
}

const safeMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);
const usualMethods = "GET, POST, PUT, PATCH, DELETE, OPTIONS";
const token = /^[a-z0-9!#$%&'*+.^_`|~-]+$/i;
/** What a page has to be able to read of a refusal that passes by itself. */
const retryHeaders = ["retry-after", "ratelimit", "ratelimit-policy"];
/** Names of headers that a preflight may ask for; a browser asks for a handful. */
const mostHeaders = 100;

export function createOrigins(settings: OriginSettings): Origins {
  const { cors, headersNames: names } = settings;
  const listed = new Set(cors === false ? [] : cors.origins);
  const own = new URL(settings.baseUrl).origin;
  const isAllowed = (origin: string): boolean =>
    listed.has(origin) || (!settings.production && isLoopbackOrigin(origin));
  const credentials = [
    names["access-token"],
    names["token-type"],
    names.client,
    names.expiry,
    names.uid,
    names.authorization,
    deviceMarkHeader,
  ];

  const headers = (origin: string | undefined): HeaderList => {
    if (cors === false) return [];
    if (origin === undefined || !isAllowed(origin)) return [["vary", "Origin"]];
    return [
      ["vary", "Origin"],
      ["access-control-allow-origin", origin],
      ["access-control-expose-headers", joined([...credentials, ...retryHeaders], cors.exposedHeaders)],
      ...(settings.cookieEnabled ? [["access-control-allow-credentials", "true"] as [string, string]] : []),
    ];
  };
  const usualHeaders = [...credentials, "content-type", "accept", "if-modified-since", "x-requested-with"];
  return {
    isEnabled: cors !== false,
    isAllowed,
    headers,
    preflight(origin, asked = {}) {
      const response = headers(origin);
      if (cors === false || response.length <= 1) return response;
      const reflected = cors.allowedHeaders ?? namesIn(asked.headers);
      const isUnusual =
        asked.method !== undefined && token.test(asked.method) && !usualMethods.includes(asked.method);
      return [
        ...response.map(([name, value]): [string, string] =>
          name === "vary" ? [name, "Origin, Access-Control-Request-Headers"] : [name, value],
        ),
        ["access-control-allow-methods", isUnusual ? `${usualMethods}, ${asked.method}` : usualMethods],
        ["access-control-allow-headers", joined(usualHeaders, reflected)],
        ["access-control-max-age", String(cors.maxAge)],
      ];
    },
    isForged(head) {
      if (safeMethods.has(head.method)) return false;
      const origin = head.header("origin");
      const site = head.header("sec-fetch-site");
      // A page with `Referrer-Policy: no-referrer` sends its own forms with `Origin: null` (Fetch standard, "append a request
      // `Origin` header"). Scripts cannot set Sec-Fetch-Site, and a sandboxed frame is cross-site there.
      if (origin === "null") return site !== "same-origin";
      if (origin !== undefined) return origin !== own && !isAllowed(origin);
      return site !== "same-origin" && site !== "none";
    },
  };
}

// Each name once.
function joined(first: readonly string[], more: readonly string[]): string {
  return [...new Set([...first, ...more])].join(", ");
}

function namesIn(list: string | undefined): readonly string[] {
  const names = (list ?? "").split(",", mostHeaders).map((name) => name.trim().toLowerCase());
  return names.filter((name) => token.test(name));
}
