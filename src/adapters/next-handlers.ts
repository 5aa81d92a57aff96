import type { GroupsConfig, ModelsConfig } from "../accounts/models.js";
import type { Auth } from "../auth.js";
import { AuthError } from "../errors.js";
import { internals } from "../internals.js";
import { failureResponse, routelessError } from "./kit-failure.js";
import { authPathOf } from "./kit-mount.js";
import { peerInfoOf } from "./kit-node-request.js";
import { afterNodeResponse } from "./kit-node-response.js";
import { exchangeOf, isForwardedByNext, watchExchanges } from "./next-exchange.js";
import { refuseEdge } from "./next-request.js";

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS" | "HEAD";

/** What a route file exports for the auth routes. */
export type AuthRouteHandlers = Readonly<Record<Method, (request: Request) => Promise<Response>>>;

/**
 * The auth routes, for a file `app/auth/[[...keyturn]]/route.ts` where `mountAt` is `/auth`. The double brackets matter: `POST /auth`
 * registers an account.
 *
 * @example
 * export const { GET, POST, PUT, PATCH, DELETE, OPTIONS, HEAD } = handlers(auth);
 */
export function handlers<M extends ModelsConfig, G extends GroupsConfig<M>>(
  auth: Auth<M, G>,
): AuthRouteHandlers {
  refuseEdge();
  watchExchanges();
  const respond = async (request: Request): Promise<Response> => {
    try {
      return await handle(auth, request);
    } catch (error) {
      return failureResponse(auth, error, request.headers.get("origin") ?? undefined);
    }
  };
  return {
    GET: respond,
    POST: respond,
    PUT: respond,
    PATCH: respond,
    DELETE: respond,
    OPTIONS: respond,
    HEAD: respond,
  };
}

async function handle<M extends ModelsConfig, G extends GroupsConfig<M>>(
  auth: Auth<M, G>,
  request: Request,
): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  const path = authPathOf(auth, pathname + search, basePathOf(request));
  if (path === undefined) return notMounted(auth, pathname);
  const { settings } = auth[internals];
  const exchange = exchangeOf(auth, request);
  const headers = new Headers(request.headers);
  if (exchange && isForwardedByNext(exchange)) headers.delete("x-forwarded-for");
  // Made anew: the host is ours to know and not the request's to say, and Next's own request may be one that only looks like a Request.
  const { method, body, signal } = request;
  const init = { method, headers, signal, ...(body ? { body, duplex: "half" as const } : {}) };
  return auth.handle(new Request(new URL(settings.baseUrl).origin + path, init), {
    ...(exchange
      ? { ...peerInfoOf(exchange.request), afterResponse: afterNodeResponse(exchange.response) }
      : {}),
  });
}

/** `basePath` of next.config, which stands in front of every route. */
function basePathOf(request: Request): string {
  const { basePath }: { basePath?: unknown } = Reflect.get(request, "nextUrl") ?? {};
  return typeof basePath === "string" ? basePath : "";
}

function notMounted<M extends ModelsConfig, G extends GroupsConfig<M>>(
  auth: Auth<M, G>,
  pathname: string,
): Response {
  const { settings, registry } = auth[internals];
  if (settings.development)
    settings.logger.warn(
      {},
      `No model is mounted at ${pathname}. Its route file belongs to one of ${registry.models.map(({ mountAt }) => `app${mountAt}/[[...keyturn]]/route.ts`).join(", ")}`,
    );
  return routelessError(auth, new AuthError("not_found"));
}
