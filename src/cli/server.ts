import { isIP } from "node:net";
import { Hono, type MiddlewareHandler } from "hono";
import { keyturn } from "../adapters/hono.js";
import type { Auth } from "../auth.js";
import { AuthError } from "../errors.js";
import { errorResponse } from "../http/respond.js";
import { internals } from "../internals.js";
import type { Outbox } from "../mail/outbox.js";
import { english } from "../texts/language.js";
import type { Health } from "./health.js";
import { createInbox } from "./inbox.js";

export interface ServerOptions {
  readonly auth: Auth;
  /** Without it nobody is told whether the server is alive and ready. */
  readonly health?: Health | undefined;
  /** The mails that were caught. Without it there is no inbox. */
  readonly outbox?: Outbox | undefined;
  /** Routes of the caller's own, after the auth routes and the inbox. */
  readonly routes?: Hono | undefined;
}

/**
 * The server of `keyturn serve`: the auth routes, its health, the inbox, the routes that are given, and a 404 in JSON for everything else.
 *
 * @example
 * createServer({ auth, routes: new Hono().get("/health", (context) => context.text("ok")) }).fetch(request)
 */
export function createServer({ auth, health, outbox, routes }: ServerOptions): Hono {
  const app = new Hono();
  app.use(keyturn(auth));
  if (health)
    app.use(async ({ req }, next) => (await health.respond(req.method, req.path)) ?? (await next()));
  if (outbox) {
    const inbox = new Hono().use(refuseForeignHosts(auth)).route("/", createInbox(outbox));
    app.route("/inbox", inbox.all("/*", notFound(auth)));
  }
  if (routes) app.route("/", routes);
  return app.notFound(notFound(auth));
}

/**
 * Responds with 404 unless the request names this server by its own name, `localhost` or an IP address. A page on another site can make
 * its own host name point to this machine (DNS rebinding); without this check it could then read the mails.
 */
export function refuseForeignHosts(auth: Auth): MiddlewareHandler {
  const respond = notFound(auth);
  const own = new URL(auth[internals].settings.baseUrl).hostname;
  return async (context, next) => {
    const host = new URL(context.req.url).hostname;
    const isOurs = host === own || host === "localhost" || isIP(host.replace(/^\[|\]$/g, "")) !== 0;
    return isOurs ? next() : respond();
  };
}

/** A handler for requests for which there is no route. */
export function notFound(auth: Auth): () => Response {
  const { settings } = auth[internals];
  return () => errorResponse(new AuthError("not_found"), english, { settings, model: null, action: null });
}
