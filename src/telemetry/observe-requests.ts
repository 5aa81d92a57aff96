import type { Registry } from "../accounts/models.js";
import type { ResolvedSettings } from "../config/resolve.js";
import type { Route } from "../features/feature.js";
import type { SiteRoute } from "../features/site-route.js";
import { errorCodeOf } from "../http/respond.js";
import { matchRoute, modelOfPath, siteRouteOf } from "../http/router.js";
import type { Telemetry } from "./telemetry.js";
import { secondsSince } from "./timed.js";

/** Which of the auth routes a request asks for. */
interface AskedRoute {
  readonly model: string;
  readonly action: string;
  /** The path with names in the place of what differs from request to request. */
  readonly template: string;
}

/** The routes that there are. */
interface Routes {
  readonly routes: readonly Route[];
  readonly siteRoutes: readonly SiteRoute[];
  readonly settings: ResolvedSettings;
  readonly registry: Registry;
  /** The path without that of `baseUrl` in front. */
  readonly belowBase: (path: string) => string;
}

/** Methods that are known (RFC 9110 §9, RFC 5789); any other word is `_OTHER`, as OpenTelemetry's conventions have it. */
const methods: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

export type RequestObserver = (request: Request, respond: () => Promise<Response>) => Promise<Response>;

/**
 * Makes each request to an auth route a span and a figure. Whatever leads nowhere is one series, however many such paths somebody
 * makes up.
 */
export function observeRequests(telemetry: Telemetry, all: Routes): RequestObserver {
  return (request, respond) => {
    const method = methods.has(request.method) ? request.method : "_OTHER";
    const route = routeOf(all, request.method, all.belowBase(new URL(request.url).pathname));
    const labels = {
      "keyturn.model": route?.model ?? "none",
      "keyturn.action": route?.action ?? "none",
    };
    const attributes = {
      ...labels,
      "http.request.method": method,
      ...(route ? { "http.route": route.template } : {}),
    };
    const began = performance.now();
    return telemetry.span("keyturn.request", "internal", attributes, async (span) => {
      span.rename(route ? `${method} ${route.template}` : method);
      const response = await respond();
      const { status } = response;
      const code = errorCodeOf(response);
      const failure = code === undefined ? {} : { "error.type": code };
      const outcome = status < 400 ? "ok" : status < 500 ? "refused" : "failed";
      span.set({ "http.response.status_code": status, ...failure });
      if (outcome === "failed") span.fail();
      telemetry.record("keyturn.request.duration", secondsSince(began), {
        ...labels,
        "keyturn.outcome": outcome,
        ...failure,
      });
      return response;
    });
  };
}

/** The route that a request asks for; `undefined` for a path or a method that no route has. */
function routeOf(
  { routes, siteRoutes, settings, registry }: Routes,
  method: string,
  path: string,
): AskedRoute | undefined {
  const site = siteRouteOf(siteRoutes, settings, path)?.route;
  if (site) return { model: "none", action: site.name, template: site.template(settings) };
  const model = modelOfPath(registry.models, path);
  if (!model) return undefined;
  const { name, mountAt } = model;
  const below = path.slice(mountAt.length);
  if (below === "/openapi.json" && method === "GET")
    return { model: name, action: "openapi", template: `${mountAt}/openapi.json` };
  const match = matchRoute(routes, model, method, below);
  if (!match || !("route" in match)) return undefined;
  const { name: action, path: template } = match.route;
  return { model: name, action, template: template === "/" ? mountAt : mountAt + template };
}
