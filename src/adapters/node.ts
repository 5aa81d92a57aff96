import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { AccountIn, Audience, GroupsConfig, ModelsConfig } from "../accounts/models.js";
import type { Auth } from "../auth.js";
import { AuthError } from "../errors.js";
import type { Accepted, Rejected } from "../http/authenticate.js";
import type { RequestHead } from "../http/credentials.js";
import { errorResponse } from "../http/respond.js";
import { en } from "../texts/en.js";
import { deferHead } from "./defer-head.js";

/** A request that something before us may have parsed (`express.json()` and the like leave the result in `body`). */
export type NodeRequest = IncomingMessage & { readonly body?: unknown; readonly originalUrl?: string };

/** Who is signed in, and with which session. */
export interface SignedIn<A> {
  readonly account: A;
  /** Name of the account's model. */
  readonly model: string;
  /** Id of the session: what the headers call `client`. */
  readonly client: string;
}

/** Whether a request is to one of the auth routes. */
function isAuthRoute<M extends ModelsConfig, G extends GroupsConfig<M>>(
  auth: Auth<M, G>,
  req: NodeRequest,
): boolean {
  const url = urlOf(req);
  const at = url.indexOf("?");
  return auth.handles(at < 0 ? url : url.slice(0, at));
}

async function handleAuthRoute<M extends ModelsConfig, G extends GroupsConfig<M>>(
  auth: Auth<M, G>,
  req: NodeRequest,
  res: ServerResponse,
): Promise<void> {
  // A `Request` cannot have these methods (Fetch standard, "forbidden method").
  const { method = "GET" } = req;
  const isForbidden = method === "TRACE" || method === "CONNECT";
  const answer = isForbidden
    ? errorResponse(new AuthError("method_not_allowed", { subject: method }), en)
    : await auth.handle(toRequest(auth, req, urlOf(req)), infoOf(req));
  await send(answer, res);
}

/** Sets the CORS headers of an app's own route, and answers its preflights: then it is `true`. */
function handlePreflight<M extends ModelsConfig, G extends GroupsConfig<M>>(
  auth: Auth<M, G>,
  req: NodeRequest,
  res: ServerResponse,
): boolean {
  const origin = req.headers.origin;
  const isPreflight = req.method === "OPTIONS" && req.headers["access-control-request-method"] !== undefined;
  for (const [name, value] of isPreflight ? auth.origins.preflight(origin) : auth.origins.headers(origin)) {
    if (name === "vary") res.appendHeader(name, value);
    else res.setHeader(name, value);
  }
  if (!isPreflight) return false;
  res.writeHead(204).end();
  return true;
}

/**
 * A `node:http` listener that answers the auth routes and the preflights of front ends, and hands everything else to `next`, with the
 * CORS headers set.
 */
export function toNodeListener<M extends ModelsConfig, G extends GroupsConfig<M>>(
  auth: Auth<M, G>,
  next: RequestListener,
): RequestListener {
  return (req, res) => {
    if (isAuthRoute(auth, req)) handleAuthRoute(auth, req, res).catch(() => res.destroy());
    else if (!handlePreflight(auth, req, res)) next(req, res);
  };
}

/**
 * Lets a request to one of the app's own routes in, or answers 401 and returns `undefined`. The answer carries the next token,
 * whatever it is and whoever sends it.
 */
export async function authenticateNode<
  M extends ModelsConfig,
  G extends GroupsConfig<M>,
  Name extends Audience<M, G>,
>(
  auth: Auth<M, G>,
  audience: Name,
  req: NodeRequest,
  res: ServerResponse,
): Promise<SignedIn<AccountIn<M, G, Name>> | undefined> {
  const protection = await auth.authenticate(audience, new NodeHead(req));
  if (protection.authentication === undefined) {
    refuse(protection, res);
    return undefined;
  }
  return admit(protection, res);
}

/**
 * The same for a route that is also there for strangers: `undefined` is one, and nothing is answered. Throws AuthError `unavailable`
 * when nobody can say, because the database is away: who signed in is no stranger.
 */
export async function identifyNode<
  M extends ModelsConfig,
  G extends GroupsConfig<M>,
  Name extends Audience<M, G>,
>(
  auth: Auth<M, G>,
  audience: Name,
  req: NodeRequest,
  res: ServerResponse,
): Promise<SignedIn<AccountIn<M, G, Name>> | undefined> {
  const protection = await auth.authenticate(audience, new NodeHead(req));
  if (protection.authentication) return admit(protection, res);
  if (protection.status === 503) throw new AuthError("unavailable");
  return undefined;
}

function refuse({ status, body }: Rejected, res: ServerResponse): void {
  const headers = {
    "content-type": "application/json; charset=utf-8",
    "cache-control": "no-store",
    ...(status === 503 ? { "retry-after": "1" } : {}),
  };
  res.writeHead(status, headers).end(body);
}

function admit<A>(admitted: Accepted, res: ServerResponse): SignedIn<A> {
  for (const [name, value] of admitted.headers) {
    if (name === "set-cookie") res.appendHeader(name, value);
    else res.setHeader(name, value);
  }
  deferHead(admitted, res);
  const { account, model, session } = admitted.authentication;
  return { account: account as A, model: model.name, client: session.client };
}

class NodeHead implements RequestHead {
  readonly method: string;
  readonly url: string;
  readonly #req: NodeRequest;

  constructor(req: NodeRequest) {
    this.method = req.method ?? "GET";
    this.url = urlOf(req);
    this.#req = req;
  }

  get peer(): string | undefined {
    return this.#req.socket.remoteAddress;
  }

  header(name: string): string | undefined {
    const value = this.#req.headers[name];
    return typeof value === "string" ? value : value?.join(", ");
  }
}

function urlOf(req: NodeRequest): string {
  return req.originalUrl ?? req.url ?? "/";
}

function infoOf(req: NodeRequest): { peer?: string; body?: unknown } {
  const peer = req.socket.remoteAddress;
  return { ...(peer === undefined ? {} : { peer }), ...(req.body === undefined ? {} : { body: req.body }) };
}

// The host is ours to know, not the request's to say: only path and query come from outside.
function toRequest<M extends ModelsConfig, G extends GroupsConfig<M>>(
  auth: Auth<M, G>,
  req: NodeRequest,
  path: string,
): Request {
  const headers = new Headers();
  for (let i = 0; i + 1 < req.rawHeaders.length; i += 2) {
    const name = req.rawHeaders[i] ?? "";
    // HTTP/2 pseudo-headers.
    if (!name.startsWith(":")) headers.append(name, req.rawHeaders[i + 1] ?? "");
  }
  const method = req.method ?? "GET";
  const hasBody = method !== "GET" && method !== "HEAD" && req.body === undefined;
  const url = new URL(auth.settings.baseUrl).origin + path;
  return new Request(url, {
    method,
    headers,
    ...(hasBody ? { body: bodyOf(req), duplex: "half" } : {}),
  } as RequestInit);
}

// Touches the request only when somebody reads. `Readable.toWeb` would hold on to a body that nobody wants, so that Node cannot skip
// it and the connection's next request is never seen; and it cuts the connection of one that was read in part.
function bodyOf(req: NodeRequest): ReadableStream<Uint8Array> {
  let chunks: AsyncIterator<Uint8Array> | undefined;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        chunks ??= req.iterator({ destroyOnReturn: false })[Symbol.asyncIterator]();
        const { done, value } = await chunks.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await chunks?.return?.();
        req.resume();
      },
    },
    { highWaterMark: 0 },
  );
}

async function send(answer: Response, res: ServerResponse): Promise<void> {
  res.statusCode = answer.status;
  for (const [name, value] of answer.headers) {
    if (name === "set-cookie" || name === "vary") res.appendHeader(name, value);
    else res.setHeader(name, value);
  }
  res.end(answer.body ? Buffer.from(await answer.arrayBuffer()) : undefined);
}
