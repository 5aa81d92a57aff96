import { isLoopbackOrigin } from "../config/redirect-allowlist.js";
import type { HeaderNames } from "../protocol.js";
import type { RequestHead } from "./credentials.js";

export interface OriginSettings {
  readonly baseUrl: string;
  readonly production: boolean;
  readonly corsOrigins: readonly string[];
  readonly cookieEnabled: boolean;
  readonly headersNames: HeaderNames;
}

/** Which origins may read answers, and what their browsers are told (Fetch standard, "CORS protocol"). */
export interface Origins {
  isAllowed(origin: string): boolean;
  /** Headers for the answer to a request of this origin; for any answer, `Vary: Origin` is among them. */
  headers(origin: string | undefined): [name: string, value: string][];
  /** Headers of the answer to a preflight request (`OPTIONS` with `Access-Control-Request-Method`). */
  preflight(origin: string | undefined): [name: string, value: string][];
  /**
   * Whether a browser sent this on behalf of another site: then a cookie proves nothing (OWASP, Cross-Site Request Forgery).
   * Reading is not a state change and always passes.
   */
  isForged(head: RequestHead): boolean;
}

const safeMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

export function createOrigins(settings: OriginSettings): Origins {
  const { headersNames: names } = settings;
  const listed = new Set(settings.corsOrigins);
  const own = new URL(settings.baseUrl).origin;
  const isAllowed = (origin: string): boolean =>
    listed.has(origin) || (!settings.production && isLoopbackOrigin(origin));
  const exposed = [
    names["access-token"],
    names["token-type"],
    names.client,
    names.expiry,
    names.uid,
    names.authorization,
  ].join(", ");
  const accepted = `${exposed}, content-type, accept, if-modified-since, x-requested-with`;

  const headers = (origin: string | undefined): [string, string][] => {
    if (origin === undefined || !isAllowed(origin)) return [["vary", "Origin"]];
    return [
      ["vary", "Origin"],
      ["access-control-allow-origin", origin],
      ["access-control-expose-headers", exposed],
      ...(settings.cookieEnabled ? [["access-control-allow-credentials", "true"] as [string, string]] : []),
    ];
  };
  return {
    isAllowed,
    headers,
    preflight(origin) {
      const answer = headers(origin);
      if (answer.length === 1) return answer;
      return [
        ...answer,
        ["access-control-allow-methods", "GET, POST, PUT, PATCH, DELETE, OPTIONS"],
        ["access-control-allow-headers", accepted],
        ["access-control-max-age", "7200"],
      ];
    },
    isForged(head) {
      if (safeMethods.has(head.method)) return false;
      const origin = head.header("origin");
      if (origin !== undefined) return origin !== own && !isAllowed(origin);
      const site = head.header("sec-fetch-site");
      return site !== "same-origin" && site !== "none";
    },
  };
}
