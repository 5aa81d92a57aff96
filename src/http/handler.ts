import type { Model } from "../accounts/models.js";
import { AuthError } from "../errors.js";
import type { Params, Reply } from "../features/call.js";
import type { Caller } from "../features/caller.js";
import type { Route } from "../features/feature.js";
import type { Services } from "../features/services.js";
import { en } from "../texts/en.js";
import { RequestCall } from "./call.js";
import { clearedCookie, credentialCookie } from "./cookie.js";
import { credentialHeadersFor } from "./credential-headers.js";
import type { RequestHead } from "./credentials.js";
import { openApi } from "./openapi.js";
import { mergeParams, readBody, readQuery } from "./params.js";
import { errorResponse, expectedError, json, toResponse } from "./respond.js";
import { matchRoute, type SiteMatch } from "./router.js";
import type { Runtime } from "./runtime.js";
import { isUnasked, unaskedResponse } from "./unasked.js";

/** What the adapter knows of a request beside the `Request` itself. */
export interface RequestInfo {
  /** Address of the peer, as the socket says. */
  readonly peer?: string;
  /** The body, if something before us has read and parsed it. */
  readonly body?: unknown;
  /** Runs work once the response has left. Default: soon after it was returned. */
  readonly afterResponse?: (work: () => void) => void;
}

/** Characters that a path with its query may have. */
const longestUrl = 16 * 1024;

/** Responds to a request to an auth route. Never throws: every failure is a response. */
export async function handle(
  runtime: Runtime,
  model: Model,
  request: Request,
  info: RequestInfo,
): Promise<Response> {
  return finish(runtime, request, info, (opened, head) => respond(opened, model, request, head, info));
}

/** Responds to a request to a route that lies beside the models' mount points. Never throws. */
export async function handleSite(
  runtime: Runtime,
  { route, path }: SiteMatch,
  request: Request,
  info: RequestInfo,
): Promise<Response> {
  return finish(runtime, request, info, async (opened, head) => {
    if (request.url.length > longestUrl) throw new AuthError("headers_too_large");
    const asked = request.method === "HEAD" ? "GET" : request.method;
    if (!route.methods.includes(asked)) return methodNotAllowed(request.method, route.methods);
    // All of them are places where a browser is sent.
    if (isUnasked(request.method, head.header)) return unaskedResponse(request.method);
    const query = readQuery(new URL(request.url));
    const params = asked === "GET" ? query : mergeParams(await readBody(request, info.body), query);
    const { services, steps, registry } = opened;
    const reply = await route.action({
      services,
      steps,
      models: registry.models,
      params,
      path,
      caller: callerOf(opened, head),
      method: asked,
      header: head.header,
    });
    const response = toResponse(reply, en);
    if ("headers" in reply && reply.credentials && opened.settings.cookieEnabled)
      response.headers.append("set-cookie", credentialCookie(reply.credentials, opened.settings));
    return response;
  });
}

/** Makes the response with what belongs to each one: CORS, work that waits until it has left, no content for HEAD. */
async function finish(
  runtime: Runtime,
  request: Request,
  info: RequestInfo,
  respondWith: (runtime: Runtime, head: RequestHead) => Promise<Response>,
): Promise<Response> {
  const head = headOf(request, info);
  let markSent = (): void => undefined;
  const sent = new Promise<void>((resolve) => {
    markSent = resolve;
  });
  const services: Services = {
    ...runtime.services,
    hasher: runtime.services.hasher.forRequest(request.signal),
    // Known from now on, so that the end of the server waits for it.
    afterResponse: (work) => runtime.services.afterResponse(() => sent.then(work)),
  };
  const response = await respondWith({ ...runtime, services }, head).catch((error: unknown) =>
    failed(runtime, error),
  );
  for (const [name, value] of runtime.origins.headers(head.header("origin")))
    response.headers.append(name, value);
  (info.afterResponse ?? setImmediate)(markSent);
  // RFC 9110 §9.3.2: the headers of GET, and no content.
  return request.method === "HEAD" ? new Response(null, response) : response;
}

async function respond(
  runtime: Runtime,
  model: Model,
  request: Request,
  head: RequestHead,
  info: RequestInfo,
): Promise<Response> {
  if (request.url.length > longestUrl) throw new AuthError("headers_too_large");
  const url = new URL(request.url);
  const below = url.pathname.slice(model.mountAt.length);
  if (below === "/openapi.json" && request.method === "GET") return json(200, openApi(runtime, model));
  const match = matchRoute(runtime.routes, model, request.method, below);
  if (!match) throw new AuthError("not_found");
  if (!("route" in match)) return methodNotAllowed(request.method, match.allow);
  if (match.route.isLink && isUnasked(request.method, head.header)) return unaskedResponse(request.method);
  refuseForgedSignIn(runtime, head);
  const call = new RequestCall({
    runtime,
    head,
    url,
    model,
    params: await readParams(match.route, request, url, info.body),
    path: match.path,
    caller: callerOf(runtime, head),
    texts: en,
  });
  const response = await run(match.route, call)
    .then((reply) => toResponse(reply, call.texts))
    .catch((error: unknown) => failedAction(runtime, match.route, call, error));
  return withCredentials(runtime, call, response);
}

async function run(route: Route, call: RequestCall): Promise<Reply> {
  if (route.limit) await call.services.limits.request(route.limit, call.model, call.caller);
  if (route.access !== "session") return route.action(call);
  const authentication = await call.authenticate({ limited: route.limited ?? false });
  if (!authentication) {
    const { rejectionReason: reason } = call;
    throw new AuthError(route.unauthenticated, reason === undefined ? {} : { reason });
  }
  return route.action(call, authentication);
}

async function failedAction(
  runtime: Runtime,
  route: Route,
  call: RequestCall,
  thrown: unknown,
): Promise<Response> {
  logFailure(runtime, thrown);
  const error = expectedError(thrown);
  try {
    const extra = error.status < 500 ? await route.errorBody?.(call, error) : undefined;
    return errorResponse(error, call.texts, extra);
  } catch (failure) {
    return failed(runtime, failure);
  }
}

/** The response with the next credentials, whatever the response is: the token may have rotated. */
async function withCredentials(
  { settings, slow }: Runtime,
  { credentials, pending, credentialSource, isSignedOut }: RequestCall,
  response: Response,
): Promise<Response> {
  if (pending) {
    // What this request has opened or renewed itself is new, however long that took.
    const isFresh =
      credentials?.token !== pending.authentication.token ||
      (await slow.isTokenFresh(pending).catch(() => false));
    slow.end(pending);
    if (!isFresh) return response;
  }
  if (credentials) {
    for (const [name, value] of credentialHeadersFor(credentials, credentialSource, settings)) {
      if (name === "set-cookie") response.headers.append(name, value);
      else response.headers.set(name, value);
    }
  } else if (isSignedOut && settings.cookieEnabled) {
    response.headers.append("set-cookie", clearedCookie(settings));
  }
  return response;
}

// A form of another site could otherwise sign its visitor in to an account of the attacker's.
function refuseForgedSignIn({ settings, origins }: Runtime, head: RequestHead): void {
  const isFromBrowser = head.header("origin") !== undefined || head.header("sec-fetch-site") === "cross-site";
  if (settings.cookieEnabled && isFromBrowser && origins.isForged(head)) {
    throw new AuthError("cross_site_refused");
  }
}

async function readParams(route: Route, request: Request, url: URL, parsed: unknown): Promise<Params> {
  const query = route.query || route.method === "GET" ? readQuery(url) : new Map();
  if (request.method === "GET" || request.method === "HEAD") return query;
  return mergeParams(await readBody(request, parsed), query);
}

function headOf(request: Request, info: RequestInfo): RequestHead {
  return {
    method: request.method,
    url: request.url,
    peer: info.peer,
    header: (name) => request.headers.get(name) ?? undefined,
  };
}

function callerOf(runtime: Runtime, head: RequestHead): Caller {
  return {
    address: runtime.addressOf(head),
    isForwarded: head.header("x-forwarded-for") !== undefined && !runtime.isProxied(head),
    userAgent: head.header("user-agent")?.slice(0, 512) ?? null,
  };
}

function methodNotAllowed(method: string, allow: readonly string[]): Response {
  const response = errorResponse(new AuthError("method_not_allowed", { subject: method }), en);
  response.headers.set("allow", allow.join(", "));
  return response;
}

function failed(runtime: Runtime, thrown: unknown): Response {
  logFailure(runtime, thrown);
  return errorResponse(expectedError(thrown), en);
}

function logFailure({ services }: Runtime, thrown: unknown): void {
  if (expectedError(thrown).status >= 500) services.report(thrown, "An auth request failed");
}
