import * as oidc from "openid-client";
import { serverFacts } from "./connection.js";
import type { RequestLimits } from "./provider-fetch.js";
import type { Provider } from "./providers/provider.js";

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
