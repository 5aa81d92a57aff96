import * as confirmations from "../features/confirmable/routes.js";
import * as passwords from "../features/recoverable/routes.js";
import * as registrations from "../features/registration/routes.js";
import * as sessions from "../features/sign-in/routes.js";
import type { Action } from "./call.js";

/** One of the auth routes, below a model's mount point. The OpenAPI description is made of the same rows. */
export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** `:name` stands for one segment. */
  readonly path: string;
  readonly action: Action;
  readonly summary: string;
  /** Whether parameters may also stand in the query. */
  readonly query: boolean;
  /** Whether it needs credentials; `"or link"`: those, or the secret of a mailed link. */
  readonly authenticated: boolean | "or link";
  /** Names of the parameters; the ones with an exclamation mark are required. */
  readonly params: readonly string[];
}

const signUpParams = ["email!", "password!", "password_confirmation", "confirm_success_url", "config_name"];
const updateParams = ["email", "password", "password_confirmation", "current_password", "redirect_url"];
const resetParams = ["email!", "redirect_url", "config_name"];
const newPasswordParams = ["password!", "password_confirmation!", "current_password", "reset_password_token"];

/** Every auth route. Old clients send some parameters in the query; those routes take them. */
export const routes: readonly Route[] = [
  {
    method: "POST",
    path: "/",
    action: registrations.create,
    summary: "Register an account",
    query: true,
    authenticated: false,
    params: signUpParams,
  },
  {
    method: "PUT",
    path: "/",
    action: registrations.update,
    summary: "Change the account",
    query: false,
    authenticated: true,
    params: updateParams,
  },
  {
    method: "PATCH",
    path: "/",
    action: registrations.update,
    summary: "Change the account",
    query: false,
    authenticated: true,
    params: updateParams,
  },
  {
    method: "DELETE",
    path: "/",
    action: registrations.destroy,
    summary: "Delete the account",
    query: false,
    authenticated: true,
    params: [],
  },
  {
    method: "GET",
    path: "/confirmation",
    action: confirmations.show,
    summary: "Confirm an address; the link of a mail",
    query: true,
    authenticated: false,
    params: ["confirmation_token!", "redirect_url"],
  },
  {
    method: "POST",
    path: "/confirmation",
    action: confirmations.create,
    summary: "Mail the confirmation link again",
    query: false,
    authenticated: false,
    params: resetParams,
  },
  {
    method: "POST",
    path: "/sign_in",
    action: sessions.create,
    summary: "Sign in",
    query: true,
    authenticated: false,
    params: ["email!", "password!"],
  },
  {
    method: "GET",
    path: "/sign_in",
    action: sessions.createByGet,
    summary: "Refused: sign in with POST",
    query: false,
    authenticated: false,
    params: [],
  },
  {
    method: "DELETE",
    path: "/sign_out",
    action: sessions.destroy,
    summary: "End this session",
    query: false,
    authenticated: true,
    params: [],
  },
  {
    method: "GET",
    path: "/validate_token",
    action: sessions.validate,
    summary: "Whom these credentials belong to",
    query: true,
    authenticated: true,
    params: [],
  },
  {
    method: "POST",
    path: "/validate_token",
    action: sessions.validate,
    summary: "Whom these credentials belong to",
    query: false,
    authenticated: true,
    params: [],
  },
  {
    method: "POST",
    path: "/password",
    action: passwords.create,
    summary: "Mail a link to set a new password",
    query: false,
    authenticated: false,
    params: resetParams,
  },
  {
    method: "GET",
    path: "/password/edit",
    action: passwords.edit,
    summary: "Follow a reset link; the link of a mail",
    query: true,
    authenticated: false,
    params: ["reset_password_token!", "redirect_url", "config"],
  },
  {
    method: "PUT",
    path: "/password",
    action: passwords.update,
    summary: "Set a new password",
    query: false,
    authenticated: "or link",
    params: newPasswordParams,
  },
  {
    method: "PATCH",
    path: "/password",
    action: passwords.update,
    summary: "Set a new password",
    query: false,
    authenticated: "or link",
    params: newPasswordParams,
  },
  {
    method: "GET",
    path: "/sessions",
    action: sessions.list,
    summary: "List the account's sessions",
    query: false,
    authenticated: true,
    params: [],
  },
  {
    method: "DELETE",
    path: "/sessions",
    action: sessions.destroyOthers,
    summary: "End all sessions but this one",
    query: false,
    authenticated: true,
    params: [],
  },
  {
    method: "DELETE",
    path: "/sessions/:id",
    action: sessions.destroyOne,
    summary: "End one of the account's sessions",
    query: false,
    authenticated: true,
    params: [],
  },
];

export type RouteMatch =
  | { readonly route: Route; readonly path: Readonly<Record<string, string>> }
  | { readonly allow: readonly string[] };

/** Finds the route of a path below a mount point; `undefined` if there is none, the methods there are if this is not one of them. */
export function matchRoute(method: string, path: string): RouteMatch | undefined {
  const segments = path === "" || path === "/" ? [] : path.replace(/^\/|\/$/g, "").split("/");
  const allow: string[] = [];
  for (const route of routes) {
    const found = matchPath(route.path, segments);
    if (!found) continue;
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
