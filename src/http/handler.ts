import type { Model } from "../accounts/models.js";
import { stranger } from "../config/languages.js";
import { AuthError } from "../errors.js";
import { emitBy, emitFrom } from "../events.js";
import type { Params } from "../features/call.js";
import type { Route } from "../features/feature.js";
import type { Services } from "../features/services.js";
import type { Language } from "../texts/language.js";
import { RequestCall } from "./call.js";
import { callerOf } from "./caller.js";
import { clearedCookie } from "./cookie.js";
import { credentialHeadersFor } from "./credential-headers.js";
import type { RequestHead } from "./credentials.js";
import type { ErrorContext } from "./error-content.js";
import { isJsonType } from "./json-type.js";
import { openApi } from "./openapi.js";
import { respondOverridden, respondToSite } from "./overridden.js";
import { mergeParams, readBody, readQuery } from "./params.js";
import { errorResponse, expectedError, json, toResponse, withoutBody } from "./respond.js";
import { matchRoute, type SiteMatch } from "./router.js";
import type { Runtime } from "./runtime.js";
import { isUnasked, unaskedResponse } from "./unasked.js";

/** What the adapter knows of a request beside the `Request` itself. */
export interface RequestInfo {
  /** Address of the peer, as the socket says. */
  readonly peer?: string;
  /** Whether the connection was cut off before that could be read. */
  readonly isPeerGone?: boolean;
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
  const context: ErrorContext = { settings: runtime.settings, model: model.name, action: null };
  return finish(runtime, request, info, context, (opened, head) =>
    respond(opened, model, request, head, info),
  );
}

/** Responds to a request to a route that lies beside the models' mount points. Never throws. */
export async function handleSite(
  runtime: Runtime,
  { route, path }: SiteMatch,
  request: Request,
  info: RequestInfo,
): Promise<Response> {
  const context: ErrorContext = { settings: runtime.settings, model: null, action: route.name };
  return finish(runtime, request, info, context, async (opened, head) => {
    if (request.url.length > longestUrl) throw new AuthError("headers_too_large");
    const asked = request.method === "HEAD" ? "GET" : request.method;
    const language = languageOf(opened, head);
    if (!route.methods.includes(asked)) return methodNotAllowed(opened, head, route.methods, context);
    // All of them are places where a browser is sent.
    if (isUnasked(request.method, head.header)) return unaskedResponse(request.method);
    const query = readQuery(new URL(request.url));
    const params = asked === "GET" ? query : mergeParams(await readBody(request, info.body), query);
    const { services, steps, registry } = opened;
    const call = {
      services,
      steps,
      models: registry.models,
      params,
      path,
      caller: callerOf(opened, head),
      language,
      method: asked,
      header: head.header,
    };
    return respondToSite(opened, route.name, call, await route.action(call));
  });
}

/** Makes the response with what belongs to each one: CORS, work that waits until it has left, no content for HEAD. */
async function finish(
  runtime: Runtime,
  request: Request,
  info: RequestInfo,
  context: ErrorContext,
  respondWith: (runtime: Runtime, head: RequestHead) => Promise<Response>,
): Promise<Response> {
  const head = headOf(request, info);
  let markSent = (): void => undefined;
  const sent = new Promise<void>((resolve) => {
    markSent = resolve;
  });
  const services: Services = {
    ...runtime.services,
    emit: emitBy(
      emitFrom(runtime.services.emit, () => callerOf(runtime, head)),
      { kind: "owner" },
    ),
    hasher: runtime.services.hasher.forRequest(request.signal),
    // Whoever asks for a mail reads it, unless the mail says that somebody else has caused it.
    mail: (kind, of, account, contents) =>
      runtime.services.mail(kind, of, account, { header: head.header, ...contents }),
    // Known from now on, so that the end of the server waits for it.
    afterResponse: (work) => runtime.services.afterResponse(() => sent.then(work)),
  };
  const response = await respondWith({ ...runtime, services }, head).catch((error: unknown) =>
    failed(runtime, head, error, context),
  );
  // A response may have told its language already: that of the account, or of the mail whose link this is.
  for (const [name, value] of [
    ...runtime.origins.headers(head.header("origin")),
    ...runtime.languages.headers(languageOf(runtime, head)),
  ])
    if (name !== "content-language" || !response.headers.has(name)) response.headers.append(name, value);
  (info.afterResponse ?? setImmediate)(markSent);
  // RFC 9110 §9.3.2: the headers of GET, and no content.
  return request.method === "HEAD" ? withoutBody(response) : response;
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
  if (!("route" in match)) {
    const context = { settings: runtime.settings, model: model.name, action: null };
    return methodNotAllowed(runtime, head, match.allow, context);
  }
  const { route, path } = match;
  if (route.isLink && isUnasked(request.method, head.header)) return unaskedResponse(request.method);
  const caller = callerOf(runtime, head);
  const isLink = route.isLink ?? false;
  const call = new RequestCall({ runtime, head, url, model, action: route.name, isLink, path, caller });
  const asked = { request, url, parsed: info.body };
  const response = await run(runtime, route, call, asked).catch((error: unknown) =>
    failedAction(runtime, route, call, head, error),
  );
  if (route.clearsCookie && call.isCookieOver) call.signOut();
  if (runtime.languages.isEnabled) response.headers.set("content-language", nameOf(runtime, call, response));
  return withCredentials(runtime, call, response);
}

/** Where the parameters of a request stand. */
interface Asked {
  readonly request: Request;
  readonly url: URL;
  /** The body, if something before us has read it. */
  readonly parsed: unknown;
}

async function run(runtime: Runtime, route: Route, call: RequestCall, asked: Asked): Promise<Response> {
  refuseForgedSignIn(runtime, call);
  call.params = await readParams(runtime, route, call, asked);
  if (route.limit) await call.services.limits.request(route.limit, call.model, call.caller);
  const override = runtime.overrides[call.model.name]?.[route.name];
  if (route.access !== "session") {
    if (!override) return toResponse(await route.action(call), call.language, call.services.pages);
    // So that it is given the account of whoever is signed in.
    if (route.access === "session or link") await call.authenticate({ limited: true });
    return respondOverridden(override, call, () => route.action(call));
  }
  const authentication = await call.authenticate({ limited: route.limited ?? false });
  if (!authentication) {
    const { rejectionReason: reason } = call;
    throw new AuthError(route.unauthenticated, reason === undefined ? {} : { reason });
  }
  if (!override)
    return toResponse(await route.action(call, authentication), call.language, call.services.pages);
  return respondOverridden(override, call, () => route.action(call, authentication));
}

async function failedAction(
  runtime: Runtime,
  route: Route,
  call: RequestCall,
  head: RequestHead,
  thrown: unknown,
): Promise<Response> {
  runtime.logFailure(thrown);
  const error = expectedError(thrown);
  const context = { settings: runtime.settings, model: call.model.name, action: call.action };
  try {
    const extra = error.status < 500 ? await route.errorBody?.(call, error) : undefined;
    return errorResponse(error, runtime.languages.ofJson(call.language), context, extra);
  } catch (failure) {
    return failed(runtime, head, failure, context);
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
function refuseForgedSignIn({ settings, origins }: Runtime, head: RequestCall): void {
  const isFromBrowser = head.header("origin") !== undefined || head.header("sec-fetch-site") === "cross-site";
  if (settings.cookieEnabled && isFromBrowser && origins.isForged(head)) {
    throw new AuthError("cross_site_refused");
  }
}

async function readParams(
  { noteDropped }: Runtime,
  route: Route,
  { model }: RequestCall,
  { request, url, parsed }: Asked,
): Promise<Params> {
  const query = route.query || route.method === "GET" ? readQuery(url) : new Map();
  if (request.method === "GET" || request.method === "HEAD") {
    noteDropped?.(route, model, query.keys());
    return query;
  }
  const onDropped = noteDropped && ((name: string) => noteDropped(route, model, [name], true));
  const params = mergeParams(await readBody(request, parsed, onDropped), query);
  noteDropped?.(route, model, params.keys());
  return params;
}

function headOf(request: Request, info: RequestInfo): RequestHead {
  return {
    method: request.method,
    url: request.url,
    peer: info.peer,
    isPeerGone: info.isPeerGone ?? false,
    header: (name) => request.headers.get(name) ?? undefined,
  };
}

// What a browser says of its visitor's language; of accounts nothing is known yet.
function languageOf({ languages }: Runtime, head: RequestHead): Language {
  return languages.of(stranger(head));
}

function nameOf({ languages }: Runtime, { language }: RequestCall, response: Response): string {
  const isJson = isJsonType(response.headers.get("content-type") ?? "");
  return (isJson ? languages.ofJson(language) : language).name;
}

function methodNotAllowed(
  runtime: Runtime,
  head: RequestHead,
  allow: readonly string[],
  context: ErrorContext,
): Response {
  const error = new AuthError("method_not_allowed", { subject: head.method });
  const response = errorResponse(error, runtime.languages.ofJson(languageOf(runtime, head)), context);
  response.headers.set("allow", allow.join(", "));
  return response;
}

function failed(runtime: Runtime, head: RequestHead, thrown: unknown, context: ErrorContext): Response {
  runtime.logFailure(thrown);
  return errorResponse(expectedError(thrown), runtime.languages.ofJson(languageOf(runtime, head)), context);
}
