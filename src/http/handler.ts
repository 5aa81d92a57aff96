import type { Model } from "../accounts/models.js";
import { AuthError } from "../errors.js";
import type { Call } from "./call.js";
import { clearedCookie } from "./cookie.js";
import { credentialHeadersFor } from "./credential-headers.js";
import type { RequestHead } from "./credentials.js";
import { openApi } from "./openapi.js";
import { mergeParams, type Params, readBody, readQuery } from "./params.js";
import { errorResponse, json } from "./respond.js";
import { matchRoute, type Route } from "./routes.js";
import type { Runtime } from "./runtime.js";

/** What the adapter knows of a request beside the `Request` itself. */
export interface RequestInfo {
  /** Address of the peer, as the socket says. */
  readonly peer?: string;
  /** The body, if something before us has read and parsed it. */
  readonly body?: unknown;
}

/** Characters that a path with its query may have. */
const longestUrl = 16 * 1024;

/** The model whose mount point a path lies below; the longest wins. */
export function modelOfPath(models: readonly Model[], path: string): Model | undefined {
  let best: Model | undefined;
  for (const model of models) {
    const isBelow = path === model.mountAt || path.startsWith(`${model.mountAt}/`);
    if (isBelow && (best === undefined || model.mountAt.length > best.mountAt.length)) best = model;
  }
  return best;
}

/** Answers a request to an auth route. Never throws: every failure is an answer. */
export async function handle(
  runtime: Runtime,
  model: Model,
  request: Request,
  info: RequestInfo,
): Promise<Response> {
  const head = headOf(request, info);
  const origin = head.header("origin");
  const answer = await route(runtime, model, request, head, info).catch((error: unknown) =>
    failed(runtime, error),
  );
  for (const [name, value] of runtime.origins.headers(origin)) answer.headers.append(name, value);
  // RFC 9110 §9.3.2: the headers of GET, and no content.
  return request.method === "HEAD" ? new Response(null, answer) : answer;
}

async function route(
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
  const match = matchRoute(request.method, below);
  if (!match) throw new AuthError("not_found");
  if (!("route" in match)) {
    const answer = errorResponse(new AuthError("method_not_allowed", { subject: request.method }));
    answer.headers.set("allow", match.allow.join(", "));
    return answer;
  }
  refuseForgedSignIn(runtime, head);
  const call: Call = {
    runtime: runtime,
    head,
    url,
    model,
    params: await readParams(match.route, request, url, info.body),
    path: match.path,
    caller: { address: runtime.addressOf(head), userAgent: cut(head.header("user-agent"), 512) },
    authentication: undefined,
    credentialSource: "new",
    pending: undefined,
    isSignedOut: false,
  };
  return withCredentials(
    call,
    await match.route.action(call).catch((error: unknown) => failed(runtime, error)),
  );
}

/** The answer with the next credentials, whatever the answer is: the token may have rotated. */
async function withCredentials(call: Call, answer: Response): Promise<Response> {
  const { runtime, authentication, pending: open, isSignedOut } = call;
  const { settings } = runtime;
  if (open) {
    // What this request has opened or renewed itself is new, however long that took.
    const isFresh =
      authentication?.token !== open.authentication.token ||
      (await runtime.slow.isTokenFresh(open).catch(() => false));
    runtime.slow.end(open);
    if (!isFresh) return answer;
  }
  if (authentication) {
    for (const [name, value] of credentialHeadersFor(authentication, call.credentialSource, settings)) {
      if (name === "set-cookie") answer.headers.append(name, value);
      else answer.headers.set(name, value);
    }
  } else if (isSignedOut && settings.cookieEnabled) {
    answer.headers.append("set-cookie", clearedCookie(settings));
  }
  return answer;
}

// A form of another site could otherwise sign its visitor in to an account of the attacker's.
function refuseForgedSignIn({ settings, origins }: Runtime, head: RequestHead): void {
  const isFromBrowser = head.header("origin") !== undefined || head.header("sec-fetch-site") === "cross-site";
  if (settings.cookieEnabled && isFromBrowser && origins.isForged(head)) {
    throw new AuthError("cross_site_refused");
  }
}

async function readParams(route: Route, request: Request, url: URL, parsed: unknown): Promise<Params> {
  const query = route.query ? readQuery(url) : new Map();
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

function failed(runtime: Runtime, error: unknown): Response {
  const answer = errorResponse(error);
  if (answer.status >= 500) runtime.settings.logger.error({ err: error }, "An auth request failed");
  return answer;
}

function cut(text: string | undefined, length: number): string | null {
  return text === undefined ? null : text.slice(0, length);
}
