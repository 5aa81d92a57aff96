import { AsyncLocalStorage } from "node:async_hooks";
import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage, ServerResponse } from "node:http";
import { internals, type WithInternals } from "../internals.js";
import { NodeRequestHead } from "./kit-node-request.js";

/** Node's own request and response, for which a route handler runs. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

// Every copy of Keyturn in a process has the same one: Next may bundle several.
const key = Symbol.for("keyturn.exchanges");

/**
 * Remembers Node's request and response for all that runs because of them. Next hands route handlers a `Request` alone, which tells neither
 * whose address it is from nor when its response has left; Node's `http.server.request.start` tells both. Requests that had begun
 * before the first call are not known, nor those that no server of this process has received.
 */
export function watchExchanges(): void {
  if (known()) return;
  const exchanges = new AsyncLocalStorage<Exchange>();
  Object.defineProperty(globalThis, key, { value: exchanges });
  subscribe("http.server.request.start", (message) => exchanges.enterWith(message as Exchange));
}

/**
 * The exchange that a route handler's request is from. `undefined` also for a request that the app has made itself, to call another of its
 * handlers: its credentials are not those of the response that is being made.
 */
export function exchangeOf(auth: WithInternals<"settings">, request: Request): Exchange | undefined {
  const exchange = known()?.getStore();
  if (!exchange) return undefined;
  const head = new NodeRequestHead(exchange.request);
  const names = ["authorization", "cookie", ...Object.values(auth[internals].settings.headersNames)];
  const isSame = names.every((name) => head.header(name) === (request.headers.get(name) ?? undefined));
  return isSame ? exchange : undefined;
}

/** Whether Next has written `X-Forwarded-For` itself, as it does for a request that came without one. */
export function isForwardedByNext({ request }: Exchange): boolean {
  return !request.rawHeaders.some((name, index) => index % 2 === 0 && /^x-forwarded-for$/i.test(name));
}

function known(): AsyncLocalStorage<Exchange> | undefined {
  return Reflect.get(globalThis, key);
}
