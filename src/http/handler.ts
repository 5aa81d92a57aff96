import type { Model } from "../accounts/models.js";
import { AuthError } from "../errors.js";
import { answerHeaders } from "./credential-headers.js";
import type { Call } from "./call.js";
import { clearedCookie } from "./cookie.js";
import type { RequestHead } from "./credentials.js";
import type { House } from "./runtime.js";
import { openApi } from "./openapi.js";
import { mergeParams, type Params, readBody, readQuery } from "./params.js";
import { errorAnswer, json } from "./respond.js";
import { matchRoute, type Route } from "./routes.js";

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
  house: House,
  model: Model,
  request: Request,
  info: RequestInfo,
): Promise<Response> {
  const head = headOf(request, info);
  const origin = head.header("origin");
  const answer = await route(house, model, request, head, info).catch((error: unknown) =>
    failed(house, error),
  );
  for (const [name, value] of house.origins.headers(origin)) answer.headers.append(name, value);
  // RFC 9110 §9.3.2: the headers of GET, and no content.
  return request.method === "HEAD" ? new Response(null, answer) : answer;
}

async function route(
  house: House,
  model: Model,
  request: Request,
  head: RequestHead,
  info: RequestInfo,
): Promise<Response> {
  if (request.url.length > longestUrl) throw new AuthError("headers_too_large");
  const url = new URL(request.url);
  const below = url.pathname.slice(model.mountAt.length);
  if (below === "/openapi.json" && request.method === "GET") return json(200, openApi(house, model));
  const match = matchRoute(request.method, below);
  if (!match) throw new AuthError("not_found");
  if (!("route" in match)) {
    const answer = errorAnswer(new AuthError("method_not_allowed", { subject: request.method }));
    answer.headers.set("allow", match.allow.join(", "));
    return answer;
  }
  refuseForgedSignIn(house, head);
  const call: Call = {
    house,
    head,
    url,
    model,
    params: await readParams(match.route, request, url, info.body),
    path: match.path,
    caller: { address: house.addressOf(head), userAgent: cut(head.header("user-agent"), 512) },
    turn: undefined,
    from: "new",
    open: undefined,
    isSignedOut: false,
  };
  return withCredentials(
    call,
    await match.route.action(call).catch((error: unknown) => failed(house, error)),
  );
}

/** The answer with the next credentials, whatever the answer is: the token may have rotated. */
async function withCredentials(call: Call, answer: Response): Promise<Response> {
  const { house, turn, open, isSignedOut } = call;
  const { settings } = house;
  if (open) {
    // What this request has opened or renewed itself is new, however long that took.
    const isFresh = turn?.token !== open.turn.token || (await house.slow.look(open).catch(() => false));
    house.slow.end(open);
    if (!isFresh) return answer;
  }
  if (turn) {
    for (const [name, value] of answerHeaders(turn, call.from, settings)) {
      if (name === "set-cookie") answer.headers.append(name, value);
      else answer.headers.set(name, value);
    }
  } else if (isSignedOut && settings.cookieEnabled) {
    answer.headers.append("set-cookie", clearedCookie(settings));
  }
  return answer;
}

// A form of another site could otherwise sign its visitor in to an account of the attacker's.
function refuseForgedSignIn({ settings, origins }: House, head: RequestHead): void {
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

function failed(house: House, error: unknown): Response {
  const answer = errorAnswer(error);
  if (answer.status >= 500) house.settings.logger.error({ err: error }, "An auth request failed");
  return answer;
}

function cut(text: string | undefined, length: number): string | null {
  return text === undefined ? null : text.slice(0, length);
}
