/** What an adapter for another framework is made of: docs/adapters.md shows one. Named by hand; the rest may change at any time. */

export type { SignedIn } from "../accounts/models.js";
export type { Auth } from "../auth.js";
export type { Accepted, AuthenticationOutcome, Rejected } from "../http/authenticate.js";
export type { RequestHead } from "../http/credentials.js";
export type { RequestInfo } from "../http/handler.js";
export { type AuthInternals, internals } from "../internals.js";
export { failureResponse } from "./kit-failure.js";
export { FetchHeaders, toResponse } from "./kit-fetch.js";
export {
  addCredentials,
  forbidCaching,
  type HeaderBag,
  mergeHeaders,
  removeCredentials,
} from "./kit-headers.js";
export { authPathOf } from "./kit-mount.js";
export { handleNode } from "./kit-node.js";
export { authenticateNode, identifyNode } from "./kit-node-guard.js";
export type { NodeRequest } from "./kit-node-request.js";
export { afterNodeResponse, goneSignal, headOf } from "./kit-node-response.js";
export { type Sender, type SenderOf, sendGuardResponse, sendResponse } from "./kit-node-send.js";
export {
  type GuardResponse,
  isOurPreflight,
  isPreflight,
  preflightFor,
  refusalFor,
} from "./kit-refusal.js";
export { ResponseHead } from "./kit-response-head.js";
