import type {} from "fastify";
import type { Audience, GroupsConfig, ModelsConfig, SignedIn } from "../accounts/models.js";
import type { Auth } from "../auth.js";
import {
  type Found,
  type GuardedRequest,
  type GuardReply,
  type GuardRequest,
  nodeOf,
  type Plugin,
  type RequestOfGuard,
  routesOf,
  senderOf,
} from "./fastify-parts.js";
import { handleNode } from "./kit-node.js";
import { authenticateNode, identifyNode, refuseUnavailable } from "./kit-node-guard.js";
import { takenFrom } from "./kit-node-request.js";
import { notLetIn, signedInFinder } from "./kit-signed-in.js";

export type { SignedIn } from "../accounts/models.js";
export type {
  Found,
  GuardedRequest,
  GuardReply,
  GuardRequest,
  Plugin,
  PluginHost,
  RequestOfGuard,
} from "./fastify-parts.js";

declare module "fastify" {
  // A base of Fastify's own interface: an app that has declared an `account` for its requests keeps it.
  interface FastifyRequest<
    RouteGeneric,
    RawServer,
    RawRequest,
    SchemaCompiler,
    TypeProvider,
    ContextConfig,
    Logger,
    RequestType,
  > extends GuardedRequest<ContextConfig> {}
}

/** What a guard has found out about a request. */
const signedInKey = Symbol("keyturn.signedIn");

/** A hook that finds out who asks: `onRequest`, `preValidation` or `preHandler` of a route, or `addHook` for all routes of a plugin. */
export interface Guard<Account, SignedInAs> {
  (request: RequestOfGuard<Found<Account>>, reply: GuardReply): Promise<unknown>;
  /**
   * Who asks, for handlers whose types do not tell: behind `addHook`, or of a route with types of its own (`app.get<{ Params: … }>`).
   * Throws a TypeError if this guard did not let the request in.
   *
   * @example
   * const users = authenticate(auth, "user");
   * app.addHook("onRequest", users);
   * app.get("/me", (request) => ({ name: users.signedIn(request).account.name }));
   */
  signedIn(request: object): SignedInAs;
}

/**
 * Mounts the auth routes of every model, and responds to the preflights of the front ends. Register it on the app itself, before the
 * app's plugins and routes, so that it holds for all of them.
 *
 * @example
 * app.register(keyturn(auth));
 * app.register(keyturn(auth), { prefix: "/v1" }); // where baseUrl ends with /v1
 */
export function keyturn<M extends ModelsConfig, G extends GroupsConfig<M>>(auth: Auth<M, G>): Plugin {
  const plugin: Plugin = (app, { prefix = "" }, done) => {
    const mountedBelow = app.prefix + prefix;
    if (!app.hasRequestDecorator("account")) app.decorateRequest("account", undefined);
    app.addHook("onRequest", (request, reply, next) => {
      const { req, res } = nodeOf(request, reply);
      const below = takenFrom(req, req.url ?? "/") + mountedBelow;
      if (!handleNode(auth, req, res, below, senderOf(reply))) next();
    });
    // The hook responds before a route's handler could. Without a route, Fastify would not run the hooks of a plugin that has a prefix
    // of its own, and rate limits for each route would not hold.
    for (const url of routesOf(auth, app.prefix, prefix))
      app.all(url, { schema: { hide: true } }, (_request, reply) => reply.callNotFound());
    done();
  };
  return Object.assign(plugin, {
    [Symbol.for("skip-override")]: true,
    [Symbol.for("fastify.display-name")]: "keyturn",
  });
}

/**
 * Lets a route be used by the accounts of a model or group only; everybody else gets a 401.
 *
 * @example
 * app.register(keyturn(auth));
 * app.get("/me", { onRequest: authenticate(auth, "user") }, (request) => ({ name: request.account.name }));
 */
export function authenticate<M extends ModelsConfig, G extends GroupsConfig<M>, Name extends Audience<M, G>>(
  auth: Auth<M, G>,
  audience: Name,
): Guard<SignedIn<M, G, Name>["account"], SignedIn<M, G, Name>> {
  const find = signedInFinder(auth, audience);
  const guard = async (request: GuardRequest, reply: GuardReply): Promise<unknown> => {
    const { req, res } = nodeOf(request, reply);
    const found = await authenticateNode(auth, audience, req, res, senderOf(reply));
    if (!found) return refused(reply);
    letIn(request, found);
    return undefined;
  };
  return Object.assign(guard, {
    signedIn(request: object) {
      const found = find(Reflect.get(request, signedInKey));
      if (!found) throw notLetIn(audience);
      return found;
    },
  });
}

/** The same for a route that is also there for strangers: for them, `request.account` is undefined. */
export function identify<M extends ModelsConfig, G extends GroupsConfig<M>, Name extends Audience<M, G>>(
  auth: Auth<M, G>,
  audience: Name,
): Guard<SignedIn<M, G, Name>["account"] | undefined, SignedIn<M, G, Name> | undefined> {
  const find = signedInFinder(auth, audience);
  const guard = async (request: GuardRequest, reply: GuardReply): Promise<unknown> => {
    const { req, res } = nodeOf(request, reply);
    try {
      letIn(request, await identifyNode(auth, audience, req, res));
      return undefined;
    } catch (error) {
      refuseUnavailable(auth, audience, error, req, res, senderOf(reply));
      return refused(reply);
    }
  };
  return Object.assign(guard, { signedIn: (request: object) => find(Reflect.get(request, signedInKey)) });
}

/** What a hook returns behind a refusal: Fastify waits until it is sent, and goes no further. */
function refused(reply: GuardReply): GuardReply {
  // The connection was cut, so that Fastify would take the request for one that nobody has responded to.
  if (reply.raw.destroyed) reply.hijack();
  return reply;
}

function letIn(request: GuardRequest, found: { readonly account: unknown } | undefined): void {
  Object.assign(request, { account: found?.account, [signedInKey]: found });
}
