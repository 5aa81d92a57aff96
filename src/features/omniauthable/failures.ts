import { AuthError, type ErrorCode } from "../../errors.js";
import type { Params } from "../call.js";
import type { Services } from "../services.js";
import type { Provider } from "./providers/provider.js";

/** What can go wrong at a provider, as few codes that clients can rely on. */

/** Error codes of RFC 6749 §4.1.2.1 and OpenID Connect Core 1.0 §3.1.2.6, and what they mean for whoever signs in. */
const meanings: Readonly<Record<string, ErrorCode>> = {
  access_denied: "access_denied",
  // Of people who close the page at other providers than the ones that declare it.
  user_denied: "access_denied",
  user_cancelled_login: "access_denied",
  user_cancelled_authorize: "access_denied",
  temporarily_unavailable: "provider_unavailable",
  server_error: "provider_unavailable",
  interaction_required: "interaction_required",
  login_required: "interaction_required",
  account_selection_required: "interaction_required",
  consent_required: "interaction_required",
};

/** The code for an error that a callback tells; `undefined` if it tells none. A denial has many spellings. */
export function callbackError(params: Params, provider: Provider | undefined): ErrorCode | undefined {
  const text = (name: string): string | undefined => {
    const value = params.get(name);
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const denied = text("denied");
  const said = [text("error"), text("error_reason")].filter((one) => one !== undefined);
  if (denied === undefined && said.length === 0) return undefined;
  if (denied !== undefined || said.some((one) => provider?.denials?.includes(one))) return "access_denied";
  return codeOf(said);
}

/** The code for errors as a provider spells them: unknown ones are one generic code. */
export function codeOf(said: readonly string[]): ErrorCode {
  const known = said.flatMap((one) => (Object.hasOwn(meanings, one) ? [meanings[one]] : []));
  return known.find((one) => one === "access_denied") ?? known[0] ?? "provider_error";
}

/** The code under which a client learns of a failure. What nobody expected is logged, and is `internal` outside. */
export function failureOf({ report }: Services, thrown: unknown, provider: string): ErrorCode {
  if (!(thrown instanceof AuthError)) {
    report(thrown, "A sign-in with a provider failed");
    return "internal";
  }
  // The operator has to know of a provider that is away, or that refuses this app; people who decline are no news.
  if (thrown.cause !== undefined) report(thrown, `A sign-in with ${provider} failed: ${thrown.code}`);
  return thrown.code;
}
