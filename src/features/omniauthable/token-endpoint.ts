import * as oidc from "openid-client";
import { AuthError } from "../../errors.js";
import { innerError } from "./connection.js";
import { type ProviderFetch, parseLossless } from "./provider-fetch.js";
import type { ProviderTokens } from "./provider-tokens.js";
import type { Provider } from "./providers/provider.js";
import { objectOf, textOf } from "./providers/values.js";

/** Requests to the token endpoint as openid-client makes them. */
export interface ConformingFetch {
  readonly fetch: ProviderFetch;
  /** The ID token of the last response: openid-client does not get to see it, because we verify it ourselves. */
  idToken(): string | null;
}

/** A fetch whose responses conform to RFC 6749, also where the provider's do not. */
export function conformingFetch(provider: Provider, inner: ProviderFetch): ConformingFetch {
  let idToken: string | null = null;
  return {
    async fetch(url, init) {
      const conformed = await conform(provider, await inner(url, init));
      idToken = conformed.idToken;
      return conformed.response;
    },
    idToken: () => idToken,
  };
}

/** A token response as openid-client takes it: conforming, and without the ID token, which we verify ourselves. */
async function conform(
  provider: Provider,
  response: Response,
): Promise<{ readonly response: Response; readonly idToken: string | null }> {
  const body = objectOf(await readJson(provider, response));
  const { id_token: idToken, ...rest } = provider.conform?.(body) ?? body;
  // GitHub and Slack tell errors with status 200.
  const status = response.ok && textOf(rest["error"]) !== null ? 400 : response.status;
  const headers = { "content-type": "application/json" };
  return { response: new Response(JSON.stringify(rest), { status, headers }), idToken: textOf(idToken) };
}

/** Throws the error for a token endpoint that gave no tokens: with the provider's code, and none of its words. */
export function refuseGrant(provider: Provider, error: unknown): never {
  const inner = innerError(error);
  if (inner instanceof AuthError) throw inner;
  const code =
    error instanceof oidc.ResponseBodyError ? error.error : error instanceof Error ? error.message : "";
  throw new AuthError("provider_error", {
    subject: provider.label,
    cause: new Error(
      `The token endpoint did not give tokens: ${/^[\w .-]{1,80}$/.test(code) ? code : "unknown"}`,
    ),
  });
}

/** What a provider's token response says, for keeping. */
export function tokensOf(
  granted: oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers,
): ProviderTokens {
  const seconds = granted.expiresIn();
  return {
    accessToken: granted.access_token,
    refreshToken: granted.refresh_token ?? null,
    expiresAt: seconds === undefined ? null : Date.now() + seconds * 1000,
    scope: granted.scope ?? null,
  };
}

/** The JSON of a provider's response. Throws AuthError `provider_unavailable`. */
export async function readJson(provider: Provider, response: Response): Promise<unknown> {
  try {
    return parseLossless(await response.text());
  } catch {
    throw new AuthError("provider_unavailable", {
      subject: provider.label,
      cause: new Error("The profile is not JSON"),
    });
  }
}
