import type { Model } from "../accounts/models.js";
import type { Authentication } from "../engine/sessions.js";
import type { PendingRequest } from "../engine/slow-requests.js";
import { AuthError } from "../errors.js";
import type { Caller } from "../features/services.js";
import { type CredentialSource, type RequestHead, readCredentials } from "./credentials.js";
import { type Params, textParam } from "./params.js";
import type { Runtime } from "./runtime.js";

/** One request to one of the auth routes. */
export interface Call {
  readonly runtime: Runtime;
  readonly head: RequestHead;
  readonly url: URL;
  readonly model: Model;
  /** Of the body and, where the route allows it, the query. */
  readonly params: Params;
  /** The parts of the path that the route names, such as `id`. */
  readonly path: Readonly<Record<string, string>>;
  readonly caller: Caller;
  /** Whose credentials the answer carries; whatever becomes of the request. */
  authentication: Authentication | undefined;
  /** Where that came from. */
  credentialSource: CredentialSource | "new";
  pending: PendingRequest | undefined;
  /** The session is over: the answer takes the cookie away. */
  isSignedOut: boolean;
}

export type Action = (call: Call) => Promise<Response>;

/** Lets the caller in, if its credentials are good: from then on every answer carries the next ones, errors too. */
export async function authenticate(
  call: Call,
  options: { readonly limited?: boolean } = {},
): Promise<Authentication | undefined> {
  const { runtime, head, url } = call;
  const param = (name: string): string | undefined =>
    textParam(call.params, name) ?? url.searchParams.get(name) ?? undefined;
  const shown = readCredentials(head, param, runtime.settings);
  if (!shown) return undefined;
  if (shown.from === "cookie" && runtime.origins.isForged(head)) {
    runtime.services.emit("request.cross_site", {
      model: call.model.name,
      ...(call.caller.address === null ? {} : { address: call.caller.address }),
    });
    throw new AuthError("cross_site_refused");
  }
  const unbatch = param("unbatch") === "true";
  call.authentication = await runtime.services.sessions.authenticate([call.model], shown, {
    address: call.caller.address,
    unbatch,
    ...options,
  });
  if (call.authentication) {
    call.credentialSource = shown.from;
    call.pending = runtime.slow.begin(call.authentication);
  }
  return call.authentication;
}

/** The redirect target that a request names, or else the default, if the allow-list has it. Throws AuthError `redirect_refused`. */
export function redirectTarget(call: Call, name: string, byDefault: string | undefined): string | undefined {
  const target = textParam(call.params, name) ?? byDefault;
  if (target === undefined) return undefined;
  const { redirects, emit } = call.runtime.services;
  if (redirects.allows(target)) return target;
  emit("redirect.refused", {
    model: call.model.name,
    ...(call.caller.address === null ? {} : { address: call.caller.address }),
  });
  throw new AuthError("redirect_refused", { subject: target });
}

/** The session is over: the answer carries no credentials and takes the cookie away. */
export function signOut(call: Call): void {
  call.authentication = undefined;
  call.isSignedOut = true;
}

/** Longest name of a client's configuration that a link carries. */
const longestConfigName = 64;

/** Which of the client's configurations asks; a name that is too long for a link counts as absent. */
export function configName(call: Call, name = "config_name"): string | undefined {
  const config = textParam(call.params, name);
  return config !== undefined && config.length <= longestConfigName ? config : undefined;
}
