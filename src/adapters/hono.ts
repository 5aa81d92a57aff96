import type { Context, MiddlewareHandler } from "hono";
import type { Auth } from "../auth.js";
import type { AccountIn, Audience, GroupsConfig, ModelsConfig } from "../core/models.js";
import type { RequestHead } from "../http/credentials.js";
import type { Admitted } from "../http/protect.js";

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
      return auth.handle(c.req.raw, peer === undefined ? {} : { peer });
    }
    const origin = c.req.header("origin");
    if (c.req.method === "OPTIONS" && c.req.header("access-control-request-method") !== undefined) {
      return new Response(null, { status: 204, headers: auth.origins.preflight(origin) });
    }
    for (const [name, value] of auth.origins.headers(origin))
      c.header(name, value, { append: name === "vary" });
    await next();
    return undefined;
  };
}

/** Lets a route be used by the accounts of a model or group only; everybody else gets a 401. */
export function authenticate<M extends ModelsConfig, G extends GroupsConfig<M>, Name extends Audience<M, G>>(
  auth: Auth<M, G>,
  audience: Name,
): MiddlewareHandler<{ Variables: SignedInVariables<AccountIn<M, G, Name>> }> {
  return async (c, next) => {
    const protection = await auth.protect(audience, headOf(c));
    if (protection.turn === undefined) {
      const retry = protection.status === 503 ? { "retry-after": "1" } : {};
      const headers = {
        "content-type": "application/json; charset=utf-8",
        "cache-control": "no-store",
        ...retry,
      };
      return new Response(protection.body, { status: protection.status, headers });
    }
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
  return async (c, next) => {
    const protection = await auth.protect(audience, headOf(c));
    if (protection.turn === undefined) return next();
    setVariables(c, protection);
    return answerWith(protection, c, next);
  };
}

function setVariables(c: Context, { turn }: Admitted): void {
  c.set("account", turn.account);
  c.set("model", turn.model.name);
  c.set("client", turn.session.client);
}

async function answerWith(
  { headers, open, slow }: Admitted,
  c: Context,
  next: () => Promise<void>,
): Promise<void> {
  // Set before the handler runs: Hono makes them part of the answer it builds, at a third of the price of adding them later.
  for (const [name, value] of headers) c.header(name, value, { append: name === "set-cookie" });
  await next();
  const isFresh = await slow.look(open).catch(() => false);
  slow.end(open);
  const [first] = headers[0] ?? [];
  // An answer that the handler made itself, or an error's, does not have them.
  const isMissing = first !== undefined && !c.res.headers.has(first);
  if (isFresh && isMissing) for (const [name, value] of headers) c.res.headers.append(name, value);
  if (!isFresh) for (const [name] of headers) c.res.headers.delete(name);
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
