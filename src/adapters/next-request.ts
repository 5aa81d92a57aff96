import type { RequestHead } from "../http/credentials.js";
import { peerOf } from "./kit-node-request.js";
import { type Exchange, isForwardedByNext } from "./next-exchange.js";

/** What guards read of a route handler's request. */
export function requestHeadOf(request: Request, exchange: Exchange | undefined): RequestHead {
  return {
    method: request.method,
    url: request.url,
    peer: exchange && peerOf(exchange.request),
    header: (name) =>
      name === "x-forwarded-for" && exchange && isForwardedByNext(exchange)
        ? undefined
        : (request.headers.get(name) ?? undefined),
  };
}

/** Throws a TypeError in Next's edge runtime, which has no crypto, files or databases of Node. */
export function refuseEdge(): void {
  if (process.env["NEXT_RUNTIME"] === "edge")
    throw new TypeError(
      'Keyturn runs in Next\'s Node runtime and not in the edge runtime: take `export const runtime = "edge"` out of the route file',
    );
}
