import type { ServerResponse } from "node:http";
import type { Context, DefaultContext, Middleware, Next, ParameterizedContext } from "koa";
import type { Audience, GroupsConfig, ModelsConfig, SignedIn } from "../accounts/models.js";
import type { Auth } from "../auth.js";
import { handleNode } from "./kit-node.js";
import { authenticateNode, identifyNode, refuseUnavailable } from "./kit-node-guard.js";
import { type NodeRequest, takenFrom } from "./kit-node-request.js";
import { NodeHeaders } from "./kit-node-response.js";
import type { SenderOf } from "./kit-node-send.js";
import { notLetIn, signedInFinder } from "./kit-signed-in.js";

export type { SignedIn } from "../accounts/models.js";

/** What `identify` leaves in `ctx.state`: nothing for a stranger. */
export type Identified<M extends ModelsConfig, G, Name extends string> =
  | SignedIn<M, G, Name>
  | { readonly account: undefined; readonly model?: undefined; readonly client?: undefined };

/** What of a request tells who asks. */
export interface GuardedContext {
  readonly state: object;
}

/** A middleware that finds out who asks. The middleware behind it finds `ctx.state.account`. */
export interface Guard<State, Found> {
  (ctx: ParameterizedContext<State, DefaultContext, unknown>, next: Next): Promise<void>;
  /**
   * Who asks, for handlers whose types do not tell because the guard stands elsewhere. Throws a TypeError if this guard did not let
   * the request in.
   *
   * @example
   * const users = authenticate(auth, "user");
   * app.use(users);
   * app.use((ctx) => (ctx.body = { name: users.signedIn(ctx).account.name }));
   */
  signedIn(ctx: GuardedContext): Found;
}

/** What guards and routes need of a context, whatever its state is. */
type AnyContext = Pick<Context, "req" | "res" | "request" | "response" | "originalUrl" | "state"> & {
  readonly router?: { readonly opts?: { readonly prefix?: unknown } };
};

/** Mounts the auth routes of every model, and responds to the preflights of the front ends. Works before or behind a body parser. */
export function keyturn<M extends ModelsConfig, G extends GroupsConfig<M>>(auth: Auth<M, G>): Middleware {
  return (ctx, next) => handleNode(auth, nodeRequestOf(ctx), ctx.res, prefixOf(ctx), senderOf(ctx)) ?? next();
}

/**
 * Lets a route be used by the accounts of a model or group only; everybody else gets a 401.
 *
 * @example
 * app.use(keyturn(auth));
 * router.get("/me", authenticate(auth, "user"), (ctx) => {
 *   ctx.body = { name: ctx.state.account.name };
 * });
 */
export function authenticate<M extends ModelsConfig, G extends GroupsConfig<M>, Name extends Audience<M, G>>(
  auth: Auth<M, G>,
  audience: Name,
): Guard<SignedIn<M, G, Name>, SignedIn<M, G, Name>> {
  const find = signedInFinder(auth, audience);
  const guard = async (ctx: AnyContext, next: Next): Promise<void> => {
    const found = await authenticateNode(auth, audience, nodeRequestOf(ctx), ctx.res, senderOf(ctx));
    if (!found) return;
    Object.assign(ctx.state, found);
    await next();
  };
  return Object.assign(guard, {
    signedIn({ state }: GuardedContext) {
      const found = find(state);
      if (!found) throw notLetIn(audience);
      return found;
    },
  });
}

/** The same for a route that is also there for strangers: for them, `ctx.state.account` is undefined. */
export function identify<M extends ModelsConfig, G extends GroupsConfig<M>, Name extends Audience<M, G>>(
  auth: Auth<M, G>,
  audience: Name,
): Guard<Identified<M, G, Name>, SignedIn<M, G, Name> | undefined> {
  const find = signedInFinder(auth, audience);
  const guard = async (ctx: AnyContext, next: Next): Promise<void> => {
    const req = nodeRequestOf(ctx);
    let found: SignedIn<M, G, Name> | undefined;
    try {
      found = await identifyNode(auth, audience, req, ctx.res);
    } catch (error) {
      return refuseUnavailable(auth, audience, error, req, ctx.res, senderOf(ctx));
    }
    Object.assign(ctx.state, found ?? { account: undefined });
    await next();
  };
  return Object.assign(guard, { signedIn: ({ state }: GuardedContext) => find(state) });
}

/** Node's request, with what Koa keeps elsewhere: what a body parser has read, and the path before `koa-mount` has shortened it. */
function nodeRequestOf({ req, request, originalUrl }: AnyContext): NodeRequest {
  const body: unknown = Reflect.get(request, "body");
  if (body !== undefined && Reflect.get(req, "body") === undefined) Object.assign(req, { body });
  if (originalUrl !== req.url && Reflect.get(req, "originalUrl") === undefined)
    Object.assign(req, { originalUrl });
  return req;
}

/** What koa-mount has taken from the path, or the prefix of the router that we are a route of. */
function prefixOf({ req, router }: AnyContext): string {
  const prefix = router?.opts?.prefix;
  return takenFrom(req, req.url ?? "/") || (typeof prefix === "string" ? prefix : "");
}

/** Koa sends the response: what middleware around us does with `ctx.body`, or with cookies after `next`, works as for any other. */
function senderOf({ response }: AnyContext): SenderOf {
  return (res: ServerResponse) => ({
    headers: new NodeHeaders(res),
    send(status, body) {
      const hasType = res.hasHeader("content-type");
      response.body = body ?? null;
      response.status = status;
      // Koa finds a type for every body, the empty one of a redirect too.
      if (body !== undefined && !hasType) response.remove("content-type");
    },
  });
}
