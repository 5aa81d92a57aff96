import type { Context, MiddlewareHandler, Next } from "hono";
import { cloneRawRequest } from "hono/request";
import { basePath, routePath } from "hono/route";
import type { Audience, GroupsConfig, ModelsConfig, SignedIn } from "../accounts/models.js";
import type { Auth } from "../auth.js";
import type { AuthenticationOutcome } from "../http/authenticate.js";
import type { RequestHead } from "../http/credentials.js";
import { internals } from "../internals.js";
import { headOf, incomingOf, knownHeadOf, outgoingOf } from "./hono-head.js";
import { failureResponse } from "./kit-failure.js";
import { FetchHeaders, toResponse } from "./kit-fetch.js";
import { authPathOf } from "./kit-mount.js";
import { peerInfoOf, peerOf } from "./kit-node-request.js";
import { afterNodeResponse } from "./kit-node-response.js";
import { isOurPreflight, isPreflight, preflightFor, refusalFor } from "./kit-refusal.js";

export type { SignedIn } from "../accounts/models.js";

/** Mounts the auth routes of every model, and responds to the preflights of the front ends. */
export function keyturn<M extends ModelsConfig, G extends GroupsConfig<M>>(
  auth: Auth<M, G>,
): MiddlewareHandler {
  return async (c, next) => {
    try {
      const path = authPathOf(auth, c.req.path, prefixOf(c));
      if (path !== undefined) return await handleAuthRoute(auth, c, path);
    } catch (error) {
      return failureResponse(auth, error, c.req.header("origin"));
    }
    const request = requestHeadOf(c);
    if (isOurPreflight(auth, request)) return toResponse(preflightFor(auth, request));
    const { origins } = auth[internals];
    if (origins.isEnabled) headOf(c).allow(origins, request.header("origin"));
    await next();
    return undefined;
  };
}

/**
 * Lets a route be used by the accounts of a model or group only; everybody else gets a 401.
 *
 * @example
 * app.use(keyturn(auth));
 * app.get("/me", authenticate(auth, "user"), (c) => c.json({ name: c.var.account.name }));
 */
export function authenticate<M extends ModelsConfig, G extends GroupsConfig<M>, Name extends Audience<M, G>>(
  auth: Auth<M, G>,
  audience: Name,
): MiddlewareHandler<{ Variables: SignedIn<M, G, Name> }> {
  // A name that does not exist is a mistake at start, not at the first request.
  auth[internals].registry.audience(audience);
  return async (c, next) => {
    const request = requestHeadOf(c);
    // Nobody shows credentials there, so there is nothing to judge; and the app's route is not to run without an account.
    if (isPreflight(request)) return toResponse(preflightFor(auth, request));
    const outcome = await headOf(c).authenticate(auth, audience, request);
    if (outcome.authentication) return letIn(c, outcome, next);
    return toResponse(refusalFor(auth, outcome, request.header("origin")));
  };
}

/** The same for a route that is also there for strangers: for them, `c.var.account` is undefined. */
export function identify<M extends ModelsConfig, G extends GroupsConfig<M>, Name extends Audience<M, G>>(
  auth: Auth<M, G>,
  audience: Name,
): MiddlewareHandler<{ Variables: Partial<SignedIn<M, G, Name>> }> {
  // A name that does not exist is a mistake at start, not at the first request.
  auth[internals].registry.audience(audience);
  return async (c, next) => {
    const request = requestHeadOf(c);
    if (isPreflight(request)) return next();
    const outcome = await headOf(c).authenticate(auth, audience, request);
    if (outcome.authentication) return letIn(c, outcome, next);
    // While the database is away nobody can say: who signed in is no stranger.
    if (outcome.status === 503) return toResponse(refusalFor(auth, outcome, request.header("origin")));
    return next();
  };
}

async function handleAuthRoute<M extends ModelsConfig, G extends GroupsConfig<M>>(
  auth: Auth<M, G>,
  c: Context,
  path: string,
): Promise<Response> {
  // A guard before us may have let the request in. Whose credentials the response carries is for the auth route to say.
  knownHeadOf(c)?.forget(auth, new FetchHeaders(c.res.headers));
  // A middleware before this one may have read the body: Hono keeps what it read.
  const raw = c.req.raw.bodyUsed ? await cloneRawRequest(c.req) : c.req.raw;
  const { origin, search } = new URL(raw.url);
  const request = path === c.req.path ? raw : new Request(origin + path + search, raw);
  const incoming = incomingOf(c);
  const outgoing = outgoingOf(c);
  const info = {
    ...(incoming ? peerInfoOf(incoming) : {}),
    ...(outgoing ? { afterResponse: afterNodeResponse(outgoing) } : {}),
  };
  return auth.handle(request, info);
}

async function letIn(
  c: Context,
  {
    authentication: { account, model, session },
    headers,
  }: AuthenticationOutcome & { authentication: object },
  next: Next,
): Promise<undefined> {
  c.set("account", account);
  c.set("model", model.name);
  c.set("client", session.client);
  // Set before the handler runs: Hono makes them part of the response it builds, at a third of the price of adding them later.
  for (const [name, value] of headers) if (name !== "set-cookie") c.header(name, value);
  await next();
}

function requestHeadOf(c: Context): RequestHead {
  const incoming = incomingOf(c);
  return {
    method: c.req.method,
    url: c.req.url,
    peer: incoming && peerOf(incoming),
    header: (name) => c.req.header(name),
  };
}

// `basePath("/v1")` and `route("/v1", …)`, or `use("/v1/*", …)`.
function prefixOf(c: Context): string {
  const prefix = basePath(c);
  if (prefix !== "" && prefix !== "/") return prefix;
  const route = routePath(c).replace(/\/\*$/, "");
  return /[:*{]/.test(route) ? "" : route;
}
