import type { ServerResponse } from "node:http";
import type { AccountIn, Audience, GroupsConfig, ModelsConfig } from "../accounts/models.js";
import type { Auth } from "../auth.js";
import { AuthError } from "../errors.js";
import type { Accepted } from "../http/authenticate.js";
import { type NodeRequest, NodeRequestHead } from "./kit-node-request.js";
import { headOf, sendGuardResponse } from "./kit-node-response.js";
import { isPreflight, preflightFor, refusalFor } from "./kit-refusal.js";

/** Who is signed in, and with which session. */
export interface SignedIn<A> {
  readonly account: A;
  /** Name of the account's model. */
  readonly model: string;
  /** Id of the session: what the headers call `client`. */
  readonly client: string;
}

/**
 * Lets a request to one of the app's own routes in, or responds with 401 and returns `undefined`. The response carries the next
 * token, whatever it is and whoever sends it.
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
  const head = new NodeRequestHead(req);
  // Nobody shows credentials there, so there is nothing to judge; and the app's route is not to run without an account.
  if (isPreflight(head)) {
    sendGuardResponse(preflightFor(auth, head), res);
    return undefined;
  }
  const outcome = await headOf(res).authenticate(auth, audience, head);
  if (outcome.authentication) return signedIn(outcome);
  sendGuardResponse(refusalFor(auth, outcome, head.header("origin")), res);
  return undefined;
}

/**
 * The same for a route that is also there for strangers: `undefined` is one, and nothing is sent. Throws AuthError `unavailable`
 * while nobody can say, because the database is away: who signed in is no stranger.
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
  const head = new NodeRequestHead(req);
  if (isPreflight(head)) return undefined;
  const outcome = await headOf(res).authenticate(auth, audience, head);
  if (outcome.authentication) return signedIn(outcome);
  if (outcome.status === 503) throw new AuthError("unavailable");
  return undefined;
}

function signedIn<A>({ authentication: { account, model, session } }: Accepted): SignedIn<A> {
  return { account: account as A, model: model.name, client: session.client };
}
