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
  peerOf,
  toRequest,
} from "./kit-node-request.js";
import {
  afterNodeResponse,
  cutShort,
  goneSignal,
  headOf,
  knownHeadOf,
  NodeHeaders,
  sendGuardResponse,
  sendResponse,
} from "./kit-node-response.js";
import { isOurPreflight, preflightFor } from "./kit-refusal.js";

/**
 * Responds to the auth routes and to the preflights of allowed front ends: returns a promise that is kept once the response has been
 * handed over, and never rejects. Returns `undefined` for a request to one of the app's own routes; its response then carries
 * the CORS headers. `prefix`: below which the framework has mounted us, such as `/v1`.
 */
export function handleNode<M extends ModelsConfig, G extends GroupsConfig<M>>(
  auth: Auth<M, G>,
  req: NodeRequest,
  res: ServerResponse,
  prefix = "",
): Promise<void> | undefined {
  const fail = (error: unknown): Promise<void> =>
    respondToFailure(auth, error, req, res).catch(() => void res.destroy());
  let path: string | undefined;
  try {
    path = authPathOf(auth, pathOf(req), prefix);
  } catch (error) {
    return fail(error);
  }
  if (path !== undefined) return handleAuthRoute(auth, req, res, path).catch(fail);
  const head = new NodeRequestHead(req);
  if (isOurPreflight(auth, head)) {
    sendGuardResponse(preflightFor(auth, head), res);
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
): Promise<void> {
  // A guard before us may have let the request in. Whose credentials the response carries is for the auth route to say.
  knownHeadOf(res)?.forget(auth, new NodeHeaders(res));
  const { method = "GET" } = req;
  const { settings } = auth[internals];
  // A `Request` cannot have these methods (Fetch standard, "forbidden method").
  if (method === "TRACE" || method === "CONNECT") {
    const error = new AuthError("method_not_allowed", { subject: method });
    return sendResponse(routelessError(auth, error), res);
  }
  const { origin } = new URL(settings.baseUrl);
  const request = toRequest(req, origin + path, goneSignal(res));
  await sendResponse(await auth.handle(request, infoOf(req, res)), res);
}

function infoOf(req: NodeRequest, res: ServerResponse): RequestInfo {
  const peer = peerOf(req);
  const body = parsedBodyOf(req);
  return {
    ...(peer === undefined ? {} : { peer }),
    ...(body === undefined ? {} : { body }),
    afterResponse: afterNodeResponse(res),
  };
}

async function respondToFailure<M extends ModelsConfig, G extends GroupsConfig<M>>(
  auth: Auth<M, G>,
  error: unknown,
  req: NodeRequest,
  res: ServerResponse,
): Promise<void> {
  const response = failureResponse(auth, error, new NodeRequestHead(req).header("origin"));
  if (res.headersSent) return cutShort(res);
  for (const name of ["content-length", "content-encoding", "location"]) res.removeHeader(name);
  await sendResponse(response, res);
}
