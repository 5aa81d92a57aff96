import type { ServerResponse } from "node:http";
import type { Audience, GroupsConfig, ModelsConfig, SignedIn } from "../accounts/models.js";
import type { Auth } from "../auth.js";
import { AuthError } from "../errors.js";
import { type Accepted, rejected } from "../http/authenticate.js";
import { internals } from "../internals.js";
import { type NodeRequest, NodeRequestHead } from "./kit-node-request.js";
import { headOf } from "./kit-node-response.js";
import { type SenderOf, sendGuardResponse } from "./kit-node-send.js";
import { isPreflight, preflightFor, refusalFor } from "./kit-refusal.js";

/**
 * Lets a request to one of the app's own routes in, or responds with 401 and returns `undefined`. The response carries the next
 * token, whatever it is and whoever sends it. `senderOf`: who sends the 401, if not Node.
 *
 * @example
 * const signedIn = await authenticateNode(auth, "user", req, res);
 * if (!signedIn) return; // the response is already sent
 * res.end(signedIn.account.email);
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
  senderOf?: SenderOf,
): Promise<SignedIn<M, G, Name> | undefined> {
  const head = new NodeRequestHead(req);
  // Nobody shows credentials there, so there is nothing to judge; and the app's route is not to run without an account.
  if (isPreflight(head)) {
    sendGuardResponse(preflightFor(auth, head), res, senderOf);
    return undefined;
  }
  const outcome = await headOf(res).authenticate(auth, audience, head);
  if (outcome.authentication) return signedIn<M, G, Name>(outcome);
  sendGuardResponse(refusalFor(auth, outcome, head.header("origin")), res, senderOf);
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
): Promise<SignedIn<M, G, Name> | undefined> {
  const head = new NodeRequestHead(req);
  if (isPreflight(head)) return undefined;
  const outcome = await headOf(res).authenticate(auth, audience, head);
  if (outcome.authentication) return signedIn<M, G, Name>(outcome);
  if (outcome.status === 503) throw new AuthError("unavailable");
  return undefined;
}

/** Responds to the error that identifyNode throws while the database is away. Any other error is thrown on. */
export function refuseUnavailable<M extends ModelsConfig, G extends GroupsConfig<M>>(
  auth: Auth<M, G>,
  audience: Audience<M, G>,
  error: unknown,
  req: NodeRequest,
  res: ServerResponse,
  senderOf?: SenderOf,
): void {
  if (!(error instanceof AuthError)) throw error;
  const models = auth[internals].registry.audience(audience);
  const head = new NodeRequestHead(req);
  const refusal = rejected(error, auth[internals], models, head);
  sendGuardResponse(refusalFor(auth, refusal, head.header("origin")), res, senderOf);
}

function signedIn<M extends ModelsConfig, G, Name extends string>({
  authentication: { account, model, session },
}: Accepted): SignedIn<M, G, Name> {
  return { account, model: model.name, client: session.client } as unknown as SignedIn<M, G, Name>;
}
