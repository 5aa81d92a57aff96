import type { Model } from "../accounts/models.js";
import { type Languages, stranger } from "../config/languages.js";
import type { Authentication } from "../engine/authentication.js";
import type { PendingRequest, SlowRequests } from "../engine/slow-requests.js";
import { AuthError } from "../errors.js";
import { callerDetails, userAgentOf } from "../events.js";
import { credentialHeadersFor } from "./credential-headers.js";
import { type RequestHead, readCredentials } from "./credentials.js";
import { type ErrorContext, errorContent, retryHeaders } from "./error-content.js";
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
  /** What tells the language of the body, and when to come back. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** Finds out who asks for one of the app's own routes. Never rejects. Builds no `Request` and no `URL`: this is the hot path. */
export async function authenticateRequest(
  runtime: Runtime,
  models: readonly Model[],
  head: RequestHead,
): Promise<AuthenticationOutcome> {
  const { settings } = runtime;
  const refuse = (error: AuthError): Rejected => rejected(error, runtime, models, head);
  try {
    const query = needsQuery(head.url, settings.acceptTokensInQuery)
      ? new URLSearchParams(head.url.slice(head.url.indexOf("?")))
      : undefined;
    const param =
      query && settings.acceptTokensInQuery ? (name: string) => query.get(name) ?? undefined : undefined;
    const shown = readCredentials(head, param, settings);
    if (!shown) return refuse(new AuthError("unauthenticated"));
    const address = runtime.addressOf(head);
    if (shown.from === "cookie" && runtime.origins.isForged(head)) {
      const userAgent = userAgentOf(head.header("user-agent"));
      runtime.services.emit("request.cross_site", callerDetails({ address, userAgent }));
      return refuse(new AuthError("cross_site_refused"));
    }
    const unbatch = query?.get("unbatch") === "true";
    const options = { address, head, unbatch };
    const authentication = await runtime.services.sessions.authenticate(models, shown, options);
    if (authentication === undefined) return refuse(new AuthError("unauthenticated"));
    if (typeof authentication === "string")
      return refuse(new AuthError("unauthenticated", { reason: authentication }));
    const headers = credentialHeadersFor(authentication, shown.from, settings);
    return {
      authentication,
      headers,
      pending: runtime.slow.begin(authentication),
      slow: runtime.slow,
    };
  } catch (error) {
    runtime.services.report(error, "A request could not be authenticated");
    return refuse(new AuthError("unavailable", { cause: error }));
  }
}

function needsQuery(url: string, acceptTokens: boolean): boolean {
  const at = url.indexOf("?");
  return at >= 0 && (acceptTokens || url.includes("unbatch=true", at));
}

/** The rejection for an error, in the language that the request asks for. */
export function rejected(
  error: AuthError,
  { settings, languages }: { readonly settings: ErrorContext["settings"]; readonly languages: Languages },
  models: readonly Model[],
  head: Pick<RequestHead, "header">,
): Rejected {
  const [only, ...others] = models;
  const model = only !== undefined && others.length === 0 ? only.name : null;
  const language = languages.ofJson(languages.of(stranger(head)));
  const content = errorContent(error, language, { settings, model, action: "authenticate" }, {});
  return {
    authentication: undefined,
    status: error.status,
    ...content,
    headers: [...languages.headers(language), ...retryHeaders(error)],
  };
}
