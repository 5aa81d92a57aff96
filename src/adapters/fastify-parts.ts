import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import { internals, type WithInternals } from "../internals.js";
import type { HeaderBag } from "./kit-headers.js";
import type { NodeRequest } from "./kit-node-request.js";
import type { SenderOf } from "./kit-node-send.js";

/*
 * What of Fastify we use, typed by the members. Fastify's own types would tie an app to one copy of them: Nest brings one of its own.
 */

declare const found: unique symbol;

/** What a guard of a route has found. It stands where Fastify infers the type of a route's `config`, which may be anything. */
export interface Found<Account> {
  readonly [found]?: Account;
  readonly [name: string]: unknown;
}

/** What guards add to a request of Fastify. */
export interface GuardedRequest<Config> {
  /** The signed-in account: of the models that the guard of this route lets in. */
  account: Config extends { readonly [found]?: infer Account } ? Account : unknown;
  /** For inference alone; it is not there. */
  [found]?(config: Config): void;
}

/** What we read of a request. */
export interface GuardRequest {
  readonly raw: IncomingMessage | Http2ServerRequest;
}

/** A request, as the type of a guard takes it: the route's handler gets its account by this. */
export interface RequestOfGuard<Config> extends GuardRequest {
  [found]?(config: Config): void;
}

/** What we need of a reply. */
export interface GuardReply {
  readonly raw: ServerResponse | Http2ServerResponse;
  getHeader(name: string): number | string | string[] | undefined;
  header(name: string, value: unknown): unknown;
  removeHeader(name: string): unknown;
  code(status: number): unknown;
  send(payload?: unknown): unknown;
  callNotFound(): unknown;
  hijack(): unknown;
}

/** What we need of the app, or of a plugin of it. */
export interface PluginHost {
  readonly prefix: string;
  hasRequestDecorator(name: string): boolean;
  decorateRequest(name: string, value: undefined): unknown;
  addHook(
    name: "onRequest",
    hook: (request: GuardRequest, reply: GuardReply, done: () => void) => void,
  ): unknown;
  all(
    path: string,
    options: { readonly schema: { readonly hide: true } },
    handler: (request: GuardRequest, reply: GuardReply) => unknown,
  ): unknown;
}

/** Node's request and response. Those of HTTP/2 do what we need of them too. */
export function nodeOf(
  request: GuardRequest,
  reply: GuardReply,
): { readonly req: NodeRequest; readonly res: ServerResponse } {
  return { req: request.raw as IncomingMessage, res: reply.raw as ServerResponse };
}

/** A plugin for `app.register`, which holds for the app that registers it and not for itself alone. */
export type Plugin = (
  app: PluginHost,
  options: { readonly prefix?: string },
  done: (error?: Error) => void,
) => void;

/**
 * The patterns of every path that may be an auth route's, for a plugin that lies below `above` and was registered with a prefix. A mount
 * point may begin with that of the plugin.
 */
export function routesOf(
  auth: WithInternals<"registry" | "settings">,
  above: string,
  prefix: string,
): readonly string[] {
  const { registry, settings } = auth[internals];
  const mountPoints = registry.models.map(({ mountAt }) => mountAt);
  const returns = Object.keys(settings.providers).map(
    (name) => `${settings.omniauthPrefix}/${name}/callback`,
  );
  const routes = [...mountPoints.flatMap((path) => [path, `${path}.json`, `${path}/*`]), ...returns];
  const whole =
    above !== "" || prefix !== "" ? routes.filter((path) => path.startsWith(`${above}${prefix}/`)) : [];
  return [...routes.map((path) => prefix + path), ...whole.map((path) => path.slice(above.length))];
}

/** Fastify sends the response: the hooks of the app run as for any other, and what plugins have set with `reply.header` stays. */
export function senderOf(reply: GuardReply): SenderOf {
  return () => ({
    headers: new ReplyHeaders(reply),
    send(status, body) {
      reply.code(status);
      reply.send(body);
    },
  });
}

/** The headers of a reply. Fastify keeps those of plugins apart from Node's until they go out. */
class ReplyHeaders implements HeaderBag {
  readonly #reply: GuardReply;

  constructor(reply: GuardReply) {
    this.#reply = reply;
  }

  get(name: string): string | undefined {
    const value = this.#reply.getHeader(name);
    return Array.isArray(value) ? value.join(", ") : value === undefined ? undefined : String(value);
  }

  set(name: string, value: string): void {
    this.#reply.header(name, value);
  }

  remove(name: string): void {
    this.#reply.removeHeader(name);
    this.#reply.raw.removeHeader(name);
  }

  cookies(): readonly string[] {
    return [this.#reply.getHeader("set-cookie") ?? []].flat().map(String);
  }

  setCookies(values: readonly string[]): void {
    // Fastify adds to the cookies that are there.
    this.remove("set-cookie");
    if (values.length > 0) this.#reply.header("set-cookie", [...values]);
  }
}
