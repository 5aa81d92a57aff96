import type { Caller } from "../features/services.js";
import type { Model } from "../accounts/models.js";
import type { Turn } from "../engine/sessions.js";
import type { OpenRequest } from "../engine/slow-requests.js";
import { AuthError } from "../errors.js";
import { type CredentialSource, type RequestHead, readCredentials } from "./credentials.js";
import type { House } from "./runtime.js";
import { type Params, textParam } from "./params.js";

/** One request to one of the auth routes. */
export interface Call {
  readonly house: House;
  readonly head: RequestHead;
  readonly url: URL;
  readonly model: Model;
  /** Of the body and, where the route allows it, the query. */
  readonly params: Params;
  /** The parts of the path that the route names, such as `id`. */
  readonly path: Readonly<Record<string, string>>;
  readonly caller: Caller;
  /** Whose credentials the answer carries; whatever becomes of the request. */
  turn: Turn | undefined;
  /** Where that came from. */
  from: CredentialSource | "new";
  open: OpenRequest | undefined;
  /** The session is over: the answer takes the cookie away. */
  isSignedOut: boolean;
}

export type Action = (call: Call) => Promise<Response>;

/** Lets the caller in, if its credentials are good: from then on every answer carries the next ones, errors too. */
export async function admit(
  call: Call,
  options: { readonly limited?: boolean } = {},
): Promise<Turn | undefined> {
  const { house, head, url } = call;
  const param = (name: string): string | undefined =>
    textParam(call.params, name) ?? url.searchParams.get(name) ?? undefined;
  const shown = readCredentials(head, param, house.settings);
  if (!shown) return undefined;
  if (shown.from === "cookie" && house.origins.isForged(head)) {
    house.domain.emit("request.cross_site", {
      model: call.model.name,
      ...(call.caller.address === null ? {} : { address: call.caller.address }),
    });
    throw new AuthError("cross_site_refused");
  }
  const unbatch = param("unbatch") === "true";
  call.turn = await house.domain.sessions.admit([call.model], shown, {
    address: call.caller.address,
    unbatch,
    ...options,
  });
  if (call.turn) {
    call.from = shown.from;
    call.open = house.slow.begin(call.turn);
  }
  return call.turn;
}

/** The redirect target that a request names, or else the default, if the allow-list has it. Throws AuthError `redirect_refused`. */
export function redirectTarget(call: Call, name: string, byDefault: string | undefined): string | undefined {
  const target = textParam(call.params, name) ?? byDefault;
  if (target === undefined) return undefined;
  const { redirects, emit } = call.house.domain;
  if (redirects.allows(target)) return target;
  emit("redirect.refused", {
    model: call.model.name,
    ...(call.caller.address === null ? {} : { address: call.caller.address }),
  });
  throw new AuthError("redirect_refused", { subject: target });
}

/** The session is over: the answer carries no credentials and takes the cookie away. */
export function signOut(call: Call): void {
  call.turn = undefined;
  call.isSignedOut = true;
}

/** Longest name of a client's configuration that a link carries. */
const longestConfigName = 64;

/** Which of the client's configurations asks; a name that is too long for a link counts as absent. */
export function configName(call: Call, name = "config_name"): string | undefined {
  const config = textParam(call.params, name);
  return config !== undefined && config.length <= longestConfigName ? config : undefined;
}
