import * as oidc from "openid-client";
import { AuthError } from "../../errors.js";
import { clientConfiguration, serverFacts } from "./connection.js";
import { type Exchanged, readProfile } from "./exchange.js";
import { verifyIdToken } from "./id-token.js";
import { providerFetch, type RequestLimits } from "./provider-fetch.js";
import type { Provider } from "./providers/provider.js";
import { conformingFetch, refuseGrant, tokensOf } from "./token-endpoint.js";

/** A code that a native app got from the provider, and what it was asked for with. */
export interface NativeCode {
  readonly code: string;
  /** Of the app's request; empty: an SDK that uses none. */
  readonly redirectUri: string;
  /** Which of the app's versions asked. Default: the one of the web. */
  readonly clientId: string | undefined;
  /** Of the app's own challenge (RFC 7636). */
  readonly verifier: string | undefined;
  /** One of ours, unused until now. */
  readonly nonce: string | undefined;
  /** What came beside the code. */
  readonly callback: Readonly<Record<string, string>>;
}

/**
 * Exchanges a code of a native app (RFC 8252), once. No browser of ours has begun that sign-in, so the code must be bound to the app's
 * request in another way, or whoever gets hold of a code could use it: by a nonce that the ID token repeats, or by PKCE where it is known that the
 * provider insists on it. One that ignores PKCE takes any verifier. Throws AuthError `identity_unproven`,
 * `provider_error` and `provider_unavailable`.
 */
export async function exchangeNativeCode(
  provider: Provider,
  { code, redirectUri, clientId, verifier, nonce, callback }: NativeCode,
  limits: RequestLimits,
): Promise<Exchanged> {
  const refuse = (why: string): AuthError =>
    new AuthError("identity_unproven", { subject: provider.label, cause: new Error(why) });
  if (!provider.nativeRedirectUris.includes(redirectUri))
    throw refuse("redirect_uri is not one of nativeRedirectUris");
  const id = clientId ?? provider.clientId ?? "";
  if (![provider.clientId, ...provider.audiences].includes(id))
    throw refuse("client_id is not one of this app's");
  const isByNonce = provider.idToken === "with nonce" && nonce !== undefined;
  const isByPkce = provider.nativeCodeProof === "pkce" && verifier !== undefined;
  if (!isByNonce && !isByPkce)
    throw refuse(
      provider.idToken === "with nonce"
        ? "There is no nonce of ours"
        : 'The provider repeats no nonce; nativeCodeProof: "pkce" takes the code_verifier alone',
    );
  const facts = await serverFacts(provider, limits);
  const fetchOnce = providerFetch(provider, limits);
  const conforming = conformingFetch(provider, fetchOnce);
  const configuration = await clientConfiguration(clientOf(provider, id), facts.metadata, conforming.fetch);
  const granted = await oidc
    .genericGrantRequest(configuration, "authorization_code", {
      code,
      ...(redirectUri === "" ? {} : { redirect_uri: redirectUri }),
      ...(provider.pkce === "sent" && verifier !== undefined ? { code_verifier: verifier } : {}),
    })
    .catch((error: unknown) => refuseGrant(provider, error));
  const idToken = conforming.idToken();
  if (provider.idToken !== "none" && idToken === null) throw refuse("There is no ID token");
  const claims =
    idToken === null || provider.idToken === "none"
      ? {}
      : await verifyIdToken(provider, facts, idToken, {
          audiences: [id],
          nonce: provider.idToken === "with nonce" ? nonce : undefined,
          isNative: false,
          mayHashNonce: provider.hashesNonce === true,
        });
  const responses = await readProfile(provider, facts, granted.access_token, fetchOnce, claims);
  return { profile: provider.profile({ claims, responses, callback }), tokens: tokensOf(granted) };
}

/** The provider as one of the app's versions sees it: native ones have no secret (RFC 8252 §8.5), but where it is signed for each. */
function clientOf(provider: Provider, clientId: string): Provider {
  if (clientId === provider.clientId) return provider;
  return provider.signSecret
    ? { ...provider, clientId }
    : { ...provider, clientId, clientAuthentication: "none" };
}
