import type { RequestListener } from "node:http";
import type { GroupsConfig, ModelsConfig } from "../accounts/models.js";
import type { Auth } from "../auth.js";
import { handleNode } from "./kit-node.js";

export type { SignedIn } from "../accounts/models.js";
export { authenticateNode, identifyNode } from "./kit-node-guard.js";
export type { NodeRequest } from "./kit-node-request.js";

/**
 * A `node:http` listener that responds to the auth routes and the preflights of front ends, and hands everything else to `next`;
 * those responses carry the CORS headers too.
 *
 * @example
 * createServer(toNodeListener(auth, (req, res) => res.end("This is the app"))).listen(3000);
 */
export function toNodeListener<M extends ModelsConfig, G extends GroupsConfig<M>>(
  auth: Auth<M, G>,
  next: RequestListener,
): RequestListener {
  return (req, res) => {
    if (!handleNode(auth, req, res)) next(req, res);
  };
}
