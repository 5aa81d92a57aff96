import * as oidc from "openid-client";
import { AuthError } from "../../errors.js";
import { clientConfiguration, innerError, type ServerFacts, serverFacts } from "./connection.js";
import { verifyIdToken } from "./id-token.js";
import { type ProviderFetch, parseLossless, providerFetch, type RequestLimits } from "./provider-fetch.js";
import type { ProviderTokens } from "./provider-tokens.js";
import type { JsonObject, Profile, ProfileRequest, Provider } from "./providers/provider.js";
import { objectOf, textOf } from "./providers/values.js";

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

/** The address at the provider that a sign-in begins with. Throws AuthError `provider_unavailable`. */
export async function authorizationUrl(
  provider: Provider,
  flow: {
    readonly redirectUri: string;
    readonly state: string;
    readonly verifier: string;
    readonly nonce: string;
  },
  limits: RequestLimits,
): Promise<string> {
  const { metadata } = await serverFacts(provider, limits);
  const url = new URL(metadata.authorization_endpoint ?? "");
  const pkce: Record<string, string> =
    provider.pkce === "sent"
      ? {
          code_challenge: await oidc.calculatePKCECodeChallenge(flow.verifier),
          code_challenge_method: "S256",
        }
      : {};
  const all: Record<string, string> = {
    ...provider.authorizationParams,
    response_type: "code",
    client_id: provider.clientId ?? "",
    redirect_uri: flow.redirectUri,
    state: flow.state,
    ...(provider.scopes.length === 0 ? {} : { scope: provider.scopes.join(provider.scopeSeparator ?? " ") }),
    ...(provider.idToken === "with nonce" ? { nonce: flow.nonce } : {}),
    ...pkce,
  };
  for (const [name, value] of Object.entries(all)) url.searchParams.set(name, value);
  return url.href;
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
  let idToken: string | null = null;
  const tokenFetch: ProviderFetch = async (url, init) => {
    const conformed = await conform(provider, await fetchOnce(url, init));
    idToken = conformed.idToken;
    return conformed.response;
  };
  const configuration = await clientConfiguration(
    provider,
    { ...facts.metadata, authorization_response_iss_parameter_supported: false },
    tokenFetch,
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
  const claims = await claimsOf(provider, facts, idToken, nonce);
  if (provider.isIssuer && iss !== undefined && claims["iss"] !== iss)
    throw unproven(provider, "iss of the callback is not the token's");
  const responses = await readProfile(provider, facts, granted.access_token, fetchOnce, claims);
  const profile = provider.profile({ claims, responses, callback });
  return { profile, tokens: tokensOf(granted) };
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

async function readProfile(
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

async function readJson(provider: Provider, response: Response): Promise<unknown> {
  try {
    return parseLossless(await response.text());
  } catch {
    throw new AuthError("provider_unavailable", {
      subject: provider.label,
      cause: new Error("The profile is not JSON"),
    });
  }
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

function refuseGrant(provider: Provider, error: unknown): never {
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

function unproven(provider: Provider, why: string): AuthError {
  return new AuthError("identity_unproven", { subject: provider.label, cause: new Error(why) });
}
