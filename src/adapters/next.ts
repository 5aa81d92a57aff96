import type { Audience, GroupsConfig, ModelsConfig, SignedIn } from "../accounts/models.js";
import type { Auth } from "../auth.js";
import type { Accepted, AuthenticationOutcome } from "../http/authenticate.js";
import type { RequestHead } from "../http/credentials.js";
import { internals } from "../internals.js";
import { toResponse } from "./kit-fetch.js";
import { headOf } from "./kit-node-response.js";
import { isPreflight, preflightFor, refusalFor } from "./kit-refusal.js";
import { type Guarding, ResponseHead } from "./kit-response-head.js";
import { type Exchange, exchangeOf, watchExchanges } from "./next-exchange.js";
import { outcomeOf } from "./next-outcome.js";
import { refuseEdge, requestHeadOf } from "./next-request.js";

export type { SignedIn } from "../accounts/models.js";
export { type AuthRouteHandlers, handlers } from "./next-handlers.js";
export { sharedAuth } from "./next-shared-auth.js";

/** What Next gives a route handler beside the request. `RouteContext<"/posts/[id]">` of Next is one. */
export interface AnyRouteContext {
  readonly params: Promise<Readonly<Record<string, string | readonly string[] | undefined>>>;
}

/** A route handler of the App Router. */
export type RouteHandler<Asked extends Request, Context> = (
  request: Asked,
  context: Context,
) => Promise<Response>;

/**
 * A route handler for the accounts of a model or group only; everybody else gets a 401.
 *
 * @example
 * export const GET = authenticated(auth, "user", (request, { account }) => Response.json({ name: account.name }));
 */
export function authenticated<
  M extends ModelsConfig,
  G extends GroupsConfig<M>,
  Name extends Audience<M, G>,
  Asked extends Request = Request,
  Context = AnyRouteContext,
>(
  auth: Auth<M, G>,
  audience: Name,
  handler: (request: Asked, signedIn: SignedIn<M, G, Name>, context: Context) => Response | Promise<Response>,
): RouteHandler<Asked, Context> {
  prepare(auth, audience);
  return async (request, context) => {
    const asked = asking(auth, request);
    // Nobody shows credentials there, so there is nothing to judge; and the app's route is not to run without an account.
    if (isPreflight(asked.request)) return toResponse(preflightFor(auth, asked.request));
    const outcome = await asked.head.authenticate(auth, audience, asked.request);
    if (!outcome.authentication) return refused(auth, outcome, asked);
    return respond(auth, asked, request, () => handler(request, signedInBy<M, G, Name>(outcome), context));
  };
}

/** The same for a route that is also there for strangers: for them, `account` is undefined. */
export function identified<
  M extends ModelsConfig,
  G extends GroupsConfig<M>,
  Name extends Audience<M, G>,
  Asked extends Request = Request,
  Context = AnyRouteContext,
>(
  auth: Auth<M, G>,
  audience: Name,
  handler: (
    request: Asked,
    signedIn: Partial<SignedIn<M, G, Name>>,
    context: Context,
  ) => Response | Promise<Response>,
): RouteHandler<Asked, Context> {
  prepare(auth, audience);
  return async (request, context) => {
    const asked = asking(auth, request);
    if (isPreflight(asked.request)) return toResponse(preflightFor(auth, asked.request));
    const outcome = await asked.head.authenticate(auth, audience, asked.request);
    if (outcome.authentication)
      return respond(auth, asked, request, () => handler(request, signedInBy<M, G, Name>(outcome), context));
    // While the database is away nobody can say: who signed in is no stranger.
    if (outcome.status === 503) return refused(auth, outcome, asked);
    return respond(auth, asked, request, () =>
      handler(request, {} as Partial<SignedIn<M, G, Name>>, context),
    );
  };
}

/**
 * Responds to the preflights of front ends on other origins, for a route file of the app's own.
 *
 * @example
 * export const OPTIONS = preflight(auth);
 */
export function preflight<M extends ModelsConfig, G extends GroupsConfig<M>>(
  auth: Auth<M, G>,
): (request: Request) => Response {
  refuseEdge();
  return (request) => toResponse(preflightFor(auth, requestHeadOf(request, undefined)));
}

interface Asking {
  readonly request: RequestHead;
  readonly head: ResponseHead;
  readonly exchange: Exchange | undefined;
}

function prepare<M extends ModelsConfig, G extends GroupsConfig<M>>(
  auth: Auth<M, G>,
  audience: Audience<M, G>,
): void {
  refuseEdge();
  // A name that does not exist is a mistake at start, not at the first request.
  auth[internals].registry.audience(audience);
  watchExchanges();
}

function asking(auth: Guarding, request: Request): Asking {
  const exchange = exchangeOf(auth, request);
  return {
    request: requestHeadOf(request, exchange),
    head: exchange ? headOf(exchange.response) : new ResponseHead(),
    exchange,
  };
}

// Node's own response has the credentials when its headers go out, whatever the handler returns or throws and Next makes of it.
function respond(
  auth: Guarding,
  { head, exchange }: Asking,
  request: Request,
  run: () => Response | Promise<Response>,
): Response | Promise<Response> {
  return exchange ? run() : outcomeOf(auth, head, request, run);
}

function refused(
  auth: Guarding,
  outcome: Exclude<AuthenticationOutcome, Accepted>,
  { request }: Asking,
): Response {
  return toResponse(refusalFor(auth, outcome, request.header("origin")));
}

function signedInBy<M extends ModelsConfig, G, Name extends string>({
  authentication: { account, model, session },
}: Accepted): SignedIn<M, G, Name> {
  return { account, model: model.name, client: session.client } as unknown as SignedIn<M, G, Name>;
}
