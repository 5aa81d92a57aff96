import * as oidc from "openid-client";
import { AuthError } from "../../errors.js";
import { clientConfiguration, type ServerFacts, serverFacts } from "./connection.js";
import { verifyIdToken } from "./id-token.js";
import { type ProviderFetch, providerFetch, type RequestLimits } from "./provider-fetch.js";
import type { ProviderTokens } from "./provider-tokens.js";
import type { JsonObject, Profile, ProfileRequest, Provider } from "./providers/provider.js";
import { objectOf } from "./providers/values.js";
import { conformingFetch, readJson, refuseGrant, tokensOf } from "./token-endpoint.js";

/** What a provider says of somebody, and its tokens. */
export interface Exchanged {
  readonly profile: Profile;
  readonly tokens: ProviderTokens;
}

export interface Exchange {
  /** The address of the callback, as it was in the authorization request. */
  readonly redirectUri: string;
  readonly state: string;
  readonly code: string;
  readonly verifier: string;
  readonly nonce: string;
  /** `iss` of the callback (RFC 9207). */
  readonly iss: string | undefined;
  /** All fields of the callback. */
  readonly callback: Readonly<Record<string, string>>;
}

/**
 * Exchanges a code, once, and reads the profile. Throws AuthError `provider_unavailable`, `provider_error` when the provider refuses, and
 * `identity_unproven` when what it sends cannot be verified.
 */
export async function exchangeCode(
  provider: Provider,
  { redirectUri, state, code, verifier, nonce, iss, callback }: Exchange,
  limits: RequestLimits,
): Promise<Exchanged> {
  const facts = await serverFacts(provider, limits);
  checkIssuerOfCallback(provider, facts, iss);
  const fetchOnce = providerFetch(provider, limits);
  const conforming = conformingFetch(provider, fetchOnce);
  const configuration = await clientConfiguration(
    provider,
    { ...facts.metadata, authorization_response_iss_parameter_supported: false },
    conforming.fetch,
  );
  const current = new URL(redirectUri);
  current.search = new URLSearchParams({ code, state }).toString();
  const checks = {
    expectedState: state,
    ...(provider.pkce === "sent" ? { pkceCodeVerifier: verifier } : {}),
  };
  const granted = await oidc
    .authorizationCodeGrant(configuration, current, checks)
    .catch((error: unknown) => refuseGrant(provider, error));
  const claims = await claimsOf(provider, facts, conforming.idToken(), nonce);
  if (provider.isIssuer && iss !== undefined && claims["iss"] !== iss)
    throw unproven(provider, "iss of the callback is not the token's");
  const responses = await readProfile(provider, facts, granted.access_token, fetchOnce, claims);
  const profile = provider.profile({ claims, responses, callback });
  return { profile, tokens: tokensOf(granted) };
}

// RFC 9207 §2.4: a callback of another provider than the one that was asked is a mix-up.
function checkIssuerOfCallback(provider: Provider, { metadata }: ServerFacts, iss: string | undefined): void {
  const isPromised = metadata.authorization_response_iss_parameter_supported === true;
  if (iss === undefined && isPromised) throw unproven(provider, "the callback lacks iss");
  if (iss === undefined || provider.isIssuer) return;
  if (!provider.acceptedIssuers.includes(iss))
    throw unproven(provider, "iss of the callback is another provider's");
}

async function claimsOf(
  provider: Provider,
  facts: ServerFacts,
  idToken: string | null,
  nonce: string,
): Promise<JsonObject> {
  if (provider.idToken === "none") return {};
  if (idToken === null) throw unproven(provider, "there is no ID token");
  return verifyIdToken(provider, facts, idToken, {
    audiences: [provider.clientId ?? ""],
    nonce: provider.idToken === "with nonce" ? nonce : undefined,
    isNative: false,
  });
}

/** Asks for the profile with an access token. Throws AuthError `provider_error`, `provider_unavailable`, `identity_unproven`. */
export async function readProfile(
  provider: Provider,
  { metadata }: ServerFacts,
  accessToken: string,
  fetchOnce: ProviderFetch,
  claims: JsonObject,
): Promise<JsonObject> {
  const { userinfo_endpoint: userinfo } = metadata;
  const discovered: readonly ProfileRequest[] =
    provider.endpoints || userinfo === undefined ? [] : [{ as: "userinfo", url: userinfo }];
  const requests = [...provider.profileRequests, ...discovered];
  const responses: Record<string, unknown> = {};
  for (const { as, url, method = "GET", headers = {}, optional } of requests) {
    const authorization = `Bearer ${accessToken}`;
    const response = await fetchOnce(url, {
      method,
      headers: { accept: "application/json", ...headers, authorization },
    });
    if (response.ok) responses[as] = await readJson(provider, response);
    else if (!optional)
      throw new AuthError("provider_error", {
        subject: provider.label,
        cause: new Error(`The profile was refused with ${response.status}`),
      });
  }
  // OpenID Connect Core 1.0 §5.3.2: userinfo about somebody else is worth nothing.
  const about = objectOf(responses["userinfo"])["sub"];
  if (
    responses["userinfo"] !== undefined &&
    provider.idToken !== "none" &&
    String(about) !== String(claims["sub"])
  )
    throw unproven(provider, "userinfo is about somebody else");
  return responses;
}

function unproven(provider: Provider, why: string): AuthError {
  return new AuthError("identity_unproven", { subject: provider.label, cause: new Error(why) });
}
