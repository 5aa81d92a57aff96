import type { z } from "zod";
import type { ActionName } from "../accounts/actions.js";
import type { Model } from "../accounts/models.js";
import type { Authentication } from "../engine/authentication.js";
import type { AuthError, ErrorCode } from "../errors.js";
import type { Call, Reply } from "./call.js";
import type { LimitedRequest } from "./limits.js";
import type { MailKind } from "./mail-kind.js";
import type { SiteRoute } from "./site-route.js";

/**
 * What a feature is made of, as a plain object. `list.ts` names them all. Its settings and its part in sign-in and registration
 * stand in `list.ts` too, because their order matters.
 */
export interface Feature {
  /** The word of it: the folder's name. */
  readonly name: string;
  readonly routes?: readonly Route[];
  readonly mails?: readonly MailKind[];
  /** Routes that lie beside the models' mount points, and know no model yet. */
  readonly siteRoutes?: readonly SiteRoute[];
}

/** One of the auth routes, below a model's mount point. The OpenAPI description is made of the same object. */
export type Route = OpenRoute | SessionRoute;

interface RouteBase {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** `:name` stands for one segment. */
  readonly path: string;
  /** The action, as overrides and hooks name it. Several methods may share one. */
  readonly name: ActionName;
  /** Unique name, for clients that are generated from the description. Default: the action's. */
  readonly operationId?: string;
  readonly summary: string;
  /** Whether parameters may also stand in the query, where old clients send some. Always so for GET. */
  readonly query?: boolean;
  /** Whether people get here by following a link, which does something: HEAD and a prefetch do nothing. */
  readonly isLink?: true;
  /** Which models have the route. Default: all. The others respond as if it were not there. */
  readonly isFor?: (model: Model) => boolean;
  /** What the route takes: documentation for clients. The actions read more leniently. */
  readonly input?: (model: Model) => z.ZodObject;
  /** The body of a success; `"redirect"` for routes that lead a browser elsewhere. */
  readonly output: ((model: Model) => z.ZodType) | "redirect";
  /** A cookie of a session that has ended is taken away, although nobody is signed in: no script could do it. Default: it stays. */
  readonly clearsCookie?: boolean;
  /** What requests to it are counted as, by address: past a limit the response is 429. */
  readonly limit?: LimitedRequest;
  /** Codes of the errors that the route itself has, beside those that any route may respond with. */
  readonly errors: readonly ErrorCode[];
  /** What the body of an error carries beside `errors` and `code`. Default: `{ success: false }`. */
  readonly errorBody?: (call: Call, error: AuthError) => Promise<Readonly<Record<string, unknown>>>;
}

/** A route that anybody may ask. `"session or link"`: the action itself looks for credentials, or for the secret of a mailed link. */
export interface OpenRoute extends RouteBase {
  readonly access: "anyone" | "session or link";
  readonly action: (call: Call) => Promise<Reply>;
}

/** A route for whoever is signed in. */
export interface SessionRoute extends RouteBase {
  readonly access: "session";
  /** The error for everybody else. */
  readonly unauthenticated: ErrorCode;
  /** Whether the session of a reset link may ask too, which can only set the password. Default `false`. */
  readonly limited?: boolean;
  readonly action: (call: Call, authentication: Authentication) => Promise<Reply>;
}
