import type { ServerResponse } from "node:http";
import type { GroupsConfig, ModelsConfig } from "../accounts/models.js";
import type { Auth } from "../auth.js";
import { AuthError } from "../errors.js";
import type { RequestInfo } from "../http/handler.js";
import { internals } from "../internals.js";
import { failureResponse, routelessError } from "./kit-failure.js";
import { authPathOf } from "./kit-mount.js";
import {
  type NodeRequest,
  NodeRequestHead,
  parsedBodyOf,
  pathOf,
  peerInfoOf,
  toRequest,
} from "./kit-node-request.js";
import { afterNodeResponse, goneSignal, headOf, knownHeadOf, NodeHeaders } from "./kit-node-response.js";
import { cutShort, nodeSender, type SenderOf, sendGuardResponse, sendResponse } from "./kit-node-send.js";
import { isOurPreflight, preflightFor } from "./kit-refusal.js";

/**
 * Responds to the auth routes and to the preflights of allowed front ends: returns a promise that is kept once the response has been
 * handed over, and never rejects. Returns `undefined` for a request to one of the app's own routes; its response then carries
 * the CORS headers. `prefix`: below which the framework has mounted us, such as `/v1`. `senderOf`: who sends it, if not Node.
 */
export function handleNode<M extends ModelsConfig, G extends GroupsConfig<M>>(
  auth: Auth<M, G>,
  req: NodeRequest,
  res: ServerResponse,
  prefix = "",
  senderOf: SenderOf = nodeSender,
): Promise<void> | undefined {
  const fail = (error: unknown): Promise<void> =>
    respondToFailure(auth, error, req, res, senderOf).catch(() => void res.destroy());
  let path: string | undefined;
  try {
    path = authPathOf(auth, pathOf(req), prefix);
  } catch (error) {
    return fail(error);
  }
  if (path !== undefined) return handleAuthRoute(auth, req, res, path, senderOf).catch(fail);
  const head = new NodeRequestHead(req);
  if (isOurPreflight(auth, head)) {
    sendGuardResponse(preflightFor(auth, head), res, senderOf);
    return Promise.resolve();
  }
  const { origins } = auth[internals];
  if (origins.isEnabled) headOf(res).allow(origins, head.header("origin"));
  return undefined;
}

async function handleAuthRoute<M extends ModelsConfig, G extends GroupsConfig<M>>(
  auth: Auth<M, G>,
  req: NodeRequest,
  res: ServerResponse,
  path: string,
  senderOf: SenderOf,
): Promise<void> {
  // A guard before us may have let the request in. Whose credentials the response carries is for the auth route to say.
  knownHeadOf(res)?.forget(auth, new NodeHeaders(res));
  const { method = "GET" } = req;
  const { settings } = auth[internals];
  // A `Request` cannot have these methods (Fetch standard, "forbidden method").
  if (method === "TRACE" || method === "CONNECT") {
    const error = new AuthError("method_not_allowed", { subject: method });
    return sendResponse(routelessError(auth, error), res, senderOf);
  }
  const { origin } = new URL(settings.baseUrl);
  const request = toRequest(req, origin + path, goneSignal(res));
  await sendResponse(await auth.handle(request, infoOf(req, res)), res, senderOf);
}

function infoOf(req: NodeRequest, res: ServerResponse): RequestInfo {
  const body = parsedBodyOf(req);
  return {
    ...peerInfoOf(req),
    ...(body === undefined ? {} : { body }),
    afterResponse: afterNodeResponse(res),
  };
}

async function respondToFailure<M extends ModelsConfig, G extends GroupsConfig<M>>(
  auth: Auth<M, G>,
  error: unknown,
  req: NodeRequest,
  res: ServerResponse,
  senderOf: SenderOf,
): Promise<void> {
  const response = failureResponse(auth, error, new NodeRequestHead(req).header("origin"));
  if (res.headersSent) return cutShort(res);
  const { headers } = senderOf(res);
  for (const name of ["content-length", "content-encoding", "location"]) headers.remove(name);
  await sendResponse(response, res, senderOf);
}
