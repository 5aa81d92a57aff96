import type { Context, MiddlewareHandler } from "hono";
import { cloneRawRequest } from "hono/request";
import type { AccountIn, Audience, GroupsConfig, ModelsConfig } from "../accounts/models.js";
import type { Auth } from "../auth.js";
import type { Accepted, Rejected } from "../http/authenticate.js";
import type { RequestHead } from "../http/credentials.js";

/** What `authenticate` puts into the context: `c.var.account` and so on. */
export interface SignedInVariables<A> {
  readonly account: A;
  /** Name of the account's model. */
  readonly model: string;
  /** Id of the session: what the headers call `client`. */
  readonly client: string;
}

/** Mounts the auth routes of every model, and answers the preflights of the front ends. */
export function keyturn<M extends ModelsConfig, G extends GroupsConfig<M>>(
  auth: Auth<M, G>,
): MiddlewareHandler {
  return async (c, next) => {
    if (auth.handles(c.req.path)) {
      const peer = peerOf(c);
      // A middleware before this one may have read the body: Hono keeps what it read.
      const request = c.req.raw.bodyUsed ? await cloneRawRequest(c.req) : c.req.raw;
      return auth.handle(request, peer === undefined ? {} : { peer });
    }
    const origin = c.req.header("origin");
    if (c.req.method === "OPTIONS" && c.req.header("access-control-request-method") !== undefined) {
      return new Response(null, { status: 204, headers: auth.origins.preflight(origin) });
    }
    const headers = auth.origins.headers(origin);
    for (const [name, value] of headers) c.header(name, value, { append: name === "vary" });
    await next();
    // An answer that the handler made itself does not have them.
    setHeaders(
      c,
      headers.filter((header) => isMissing(c.res.headers, header)),
    );
    return undefined;
  };
}

/** Lets a route be used by the accounts of a model or group only; everybody else gets a 401. */
export function authenticate<M extends ModelsConfig, G extends GroupsConfig<M>, Name extends Audience<M, G>>(
  auth: Auth<M, G>,
  audience: Name,
): MiddlewareHandler<{ Variables: SignedInVariables<AccountIn<M, G, Name>> }> {
  // A name that is not there is a mistake of now, not of the first request.
  auth.registry.audience(audience);
  return async (c, next) => {
    const protection = await auth.authenticate(audience, headOf(c));
    if (protection.authentication === undefined) return refusal(protection);
    setVariables(c, protection);
    await answerWith(protection, c, next);
    return undefined;
  };
}

/** The same for a route that is also there for strangers: for them, `c.var.account` is undefined. */
export function identify<M extends ModelsConfig, G extends GroupsConfig<M>, Name extends Audience<M, G>>(
  auth: Auth<M, G>,
  audience: Name,
): MiddlewareHandler<{ Variables: Partial<SignedInVariables<AccountIn<M, G, Name>>> }> {
  // A name that is not there is a mistake of now, not of the first request.
  auth.registry.audience(audience);
  return async (c, next) => {
    const protection = await auth.authenticate(audience, headOf(c));
    // When the database is away nobody can say: who signed in is no stranger.
    if (protection.authentication === undefined)
      return protection.status === 503 ? refusal(protection) : next();
    setVariables(c, protection);
    return answerWith(protection, c, next);
  };
}

function refusal({ status, body }: Rejected): Response {
  const retry = status === 503 ? { "retry-after": "1" } : {};
  const headers = {
    "content-type": "application/json; charset=utf-8",
    "cache-control": "no-store",
    ...retry,
  };
  return new Response(body, { status, headers });
}

function setVariables(c: Context, { authentication }: Accepted): void {
  c.set("account", authentication.account);
  c.set("model", authentication.model.name);
  c.set("client", authentication.session.client);
}

async function answerWith(
  { headers, pending: open, slow }: Accepted,
  c: Context,
  next: () => Promise<void>,
): Promise<void> {
  // Set before the handler runs: Hono makes them part of the answer it builds, at a third of the price of adding them later.
  for (const [name, value] of headers) c.header(name, value, { append: name === "set-cookie" });
  let isFresh = false;
  try {
    await next();
    isFresh = await slow.isTokenFresh(open).catch(() => false);
  } finally {
    slow.end(open);
  }
  // An answer that the handler made itself, or an error's, does not have them.
  if (isFresh)
    setHeaders(
      c,
      headers.filter((header) => isMissing(c.res.headers, header)),
    );
  else takeAway(c, headers);
}

function isMissing(has: Headers, [name, value]: readonly [name: string, value: string]): boolean {
  if (name === "set-cookie") return !has.getSetCookie().includes(value);
  // Whatever the handler says of caching: the token is in no cache.
  if (name === "cache-control") return has.get(name)?.includes("no-store") !== true;
  if (name === "vary") return !/\borigin\b|\*/i.test(has.get(name) ?? "");
  return !has.has(name);
}

function setHeaders(c: Context, headers: Accepted["headers"]): void {
  if (headers.length === 0) return;
  makeWritable(c);
  for (const [name, value] of headers) {
    if (name === "set-cookie" || name === "vary") c.res.headers.append(name, value);
    else c.res.headers.set(name, value);
  }
}

function takeAway(c: Context, headers: Accepted["headers"]): void {
  makeWritable(c);
  const ours = headers.filter(([name]) => name === "set-cookie").map(([, value]) => value);
  const own = c.res.headers.getSetCookie().filter((value) => !ours.includes(value));
  for (const [name] of headers) if (name !== "cache-control") c.res.headers.delete(name);
  if (ours.length > 0) for (const value of own) c.res.headers.append("set-cookie", value);
}

// The headers of an answer that came from `fetch` cannot be changed; those of a copy can.
function makeWritable(c: Context): void {
  c.res = new Response(c.res.body, c.res);
}

function headOf(c: Context): RequestHead {
  return {
    method: c.req.method,
    url: c.req.url,
    peer: peerOf(c),
    header: (name) => c.req.header(name),
  };
}

// @hono/node-server hands Node's request along; other runtimes do not tell the address here.
function peerOf(c: Context): string | undefined {
  const env: unknown = c.env;
  const incoming = isRecord(env) ? env["incoming"] : undefined;
  const socket = isRecord(incoming) ? incoming["socket"] : undefined;
  const address = isRecord(socket) ? socket["remoteAddress"] : undefined;
  return typeof address === "string" ? address : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
