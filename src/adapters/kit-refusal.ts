import type { Rejected } from "../http/authenticate.js";
import type { HeaderList } from "../http/origins.js";
import { internals } from "../internals.js";
import type { Guarding } from "./kit-response-head.js";

/** A response that a guard gives in place of the app's. */
export interface GuardResponse {
  readonly status: number;
  readonly headers: HeaderList;
  /** JSON, or nothing. */
  readonly body: string | undefined;
}

/** The response for whoever is not let in: 401, 403, or 503 while nobody can say. Front ends of an allowed origin can read it. */
export function refusalFor(
  auth: Guarding,
  { status, body, type, headers: language }: Rejected,
  origin: string | undefined,
): GuardResponse {
  const headers: HeaderList = [
    ...auth[internals].origins.headers(origin),
    ["content-type", type],
    ["cache-control", "no-store"],
    ...language.map(([name, value]): [string, string] => [name, value]),
  ];
  return { status, headers, body };
}

/** What of a request says whether it is a preflight. */
export interface PreflightHead {
  readonly method: string;
  /** A header by its name in lower case. */
  header(name: string): string | undefined;
}

/** Whether a browser asks what it may send (Fetch standard, "CORS-preflight request"). It never shows credentials. */
export function isPreflight(head: PreflightHead): boolean {
  return head.method === "OPTIONS" && head.header("access-control-request-method") !== undefined;
}

/** The response to a preflight: an origin that is not allowed learns nothing. */
export function preflightFor(auth: Guarding, head: PreflightHead): GuardResponse {
  const asked = {
    method: head.header("access-control-request-method"),
    headers: head.header("access-control-request-headers"),
  };
  return {
    status: 204,
    headers: auth[internals].origins.preflight(head.header("origin"), asked),
    body: undefined,
  };
}

/** Whether Keyturn responds to a preflight of a route of the app's own. Those of other origins are the app's to judge. */
export function isOurPreflight(auth: Guarding, head: PreflightHead): boolean {
  const { origins } = auth[internals];
  const origin = head.header("origin");
  return origins.isEnabled && origin !== undefined && origins.isAllowed(origin) && isPreflight(head);
}
