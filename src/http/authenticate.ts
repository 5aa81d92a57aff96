import type { Model } from "../accounts/models.js";
import type { Authentication } from "../engine/authentication.js";
import type { PendingRequest, SlowRequests } from "../engine/slow-requests.js";
import { AuthError } from "../errors.js";
import { en } from "../texts/en.js";
import { credentialHeadersFor } from "./credential-headers.js";
import { type RequestHead, readCredentials } from "./credentials.js";
import { errorBody } from "./error-body.js";
import { type ErrorContext, errorContent } from "./error-content.js";
import { jsonType } from "./json-type.js";
import type { Runtime } from "./runtime.js";

/** The outcome for one of the app's own routes. */
export type AuthenticationOutcome = Accepted | Rejected;

export interface Accepted {
  readonly authentication: Authentication;
  /** Until the response's headers go out: `slow.release(pending)` then says whether the token may go with them. */
  readonly pending: PendingRequest;
  readonly slow: SlowRequests;
  /** What the response has to carry, whatever it is. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

export interface Rejected {
  readonly authentication: undefined;
  readonly status: number;
  /** JSON. */
  readonly body: string;
  /** Its content type. */
  readonly type: string;
}

type ErrorSettings = ErrorContext["settings"];

const usual: Rejected = {
  authentication: undefined,
  status: 401,
  body: JSON.stringify(errorBody(new AuthError("unauthenticated"), en, {})),
  type: jsonType,
};

/** The outcome for whoever is not let in. */
export function unauthenticated(settings: ErrorSettings, models: readonly Model[]): Rejected {
  return settings.errorResponse ? rejected(new AuthError("unauthenticated"), settings, models) : usual;
}

/** Finds out who asks for one of the app's own routes. Never rejects. Builds no `Request` and no `URL`: this is the hot path. */
export async function authenticateRequest(
  runtime: Runtime,
  models: readonly Model[],
  head: RequestHead,
): Promise<AuthenticationOutcome> {
  const { settings } = runtime;
  try {
    const query = needsQuery(head.url, settings.acceptTokensInQuery)
      ? new URLSearchParams(head.url.slice(head.url.indexOf("?")))
      : undefined;
    const param =
      query && settings.acceptTokensInQuery ? (name: string) => query.get(name) ?? undefined : undefined;
    const shown = readCredentials(head, param, settings);
    if (!shown) return unauthenticated(settings, models);
    const address = runtime.addressOf(head);
    if (shown.from === "cookie" && runtime.origins.isForged(head)) {
      runtime.services.emit("request.cross_site", address === null ? {} : { address });
      return rejected(new AuthError("cross_site_refused"), settings, models);
    }
    const unbatch = query?.get("unbatch") === "true";
    const authentication = await runtime.services.sessions.authenticate(models, shown, { address, unbatch });
    if (authentication === undefined) return unauthenticated(settings, models);
    if (typeof authentication === "string")
      return rejected(new AuthError("unauthenticated", { reason: authentication }), settings, models);
    const headers = credentialHeadersFor(authentication, shown.from, settings);
    return {
      authentication,
      headers,
      pending: runtime.slow.begin(authentication),
      slow: runtime.slow,
    };
  } catch (error) {
    runtime.services.report(error, "A request could not be authenticated");
    return rejected(new AuthError("unavailable", { cause: error }), settings, models);
  }
}

function needsQuery(url: string, acceptTokens: boolean): boolean {
  const at = url.indexOf("?");
  return at >= 0 && (acceptTokens || url.includes("unbatch=true", at));
}

/** The rejection for an error. */
export function rejected(error: AuthError, settings: ErrorSettings, models: readonly Model[]): Rejected {
  const [only, ...others] = models;
  const model = only !== undefined && others.length === 0 ? only.name : null;
  const content = errorContent(error, en, { settings, model, action: "authenticate" }, {});
  return { authentication: undefined, status: error.status, ...content };
}
