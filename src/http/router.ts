import type { Model } from "../accounts/models.js";
import type { ResolvedSettings } from "../config/resolve.js";
import type { Route } from "../features/feature.js";
import type { SiteRoute } from "../features/site-route.js";

export type RouteMatch =
  | { readonly route: Route; readonly path: Readonly<Record<string, string>> }
  | { readonly allow: readonly string[] };

/** Rails takes it at the end of each path, and clients of devise_token_auth write it there: `/auth/sign_in.json`. */
const format = ".json";

/** The model whose mount point a path lies below; the longest wins. */
export function modelOfPath(models: readonly Model[], path: string): Model | undefined {
  let best: Model | undefined;
  for (const model of models) {
    const isBelow =
      path === model.mountAt || path === model.mountAt + format || path.startsWith(`${model.mountAt}/`);
    if (isBelow && (best === undefined || model.mountAt.length > best.mountAt.length)) best = model;
  }
  return best;
}

/**
 * Finds the route of a path below a model's mount point. Returns the methods that the path has if this is not one of them, and
 * `undefined` for a path that the model does not have.
 */
export function matchRoute(
  routes: readonly Route[],
  model: Model,
  method: string,
  path: string,
): RouteMatch | undefined {
  const plain = path.endsWith(format) ? path.slice(0, -format.length) : path;
  const segments = plain === "" || plain === "/" ? [] : plain.replace(/^\/|\/$/g, "").split("/");
  const candidates = routes.flatMap((route) => {
    const found = route.isFor?.(model) === false ? undefined : matchPath(route.path, segments);
    return found ? [{ route, found }] : [];
  });
  // A path that is spelt out is nobody else's: `/password` is not the name of a provider.
  const spelt = candidates.filter(({ found }) => Object.keys(found).length === 0);
  const allow: string[] = [];
  for (const { route, found } of spelt.length > 0 ? spelt : candidates) {
    if (route.method === method || (method === "HEAD" && route.method === "GET"))
      return { route, path: found };
    allow.push(route.method);
  }
  return allow.length > 0 ? { allow } : undefined;
}

function matchPath(pattern: string, segments: readonly string[]): Record<string, string> | undefined {
  const parts = pattern === "/" ? [] : pattern.slice(1).split("/");
  if (parts.length !== segments.length) return undefined;
  const found: Record<string, string> = {};
  for (const [index, part] of parts.entries()) {
    const segment = segments[index] ?? "";
    if (part.startsWith(":")) found[part.slice(1)] = segment;
    else if (part !== segment) return undefined;
  }
  return found;
}

export interface SiteMatch {
  readonly route: SiteRoute;
  readonly path: Readonly<Record<string, string>>;
}

/** The route beside the models' mount points that a path belongs to. */
export function siteRouteOf(
  routes: readonly SiteRoute[],
  settings: ResolvedSettings,
  path: string,
): SiteMatch | undefined {
  for (const route of routes) {
    const found = route.match(path, settings);
    if (found) return { route, path: found };
  }
  return undefined;
}
