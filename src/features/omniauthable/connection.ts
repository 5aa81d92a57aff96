import { createRemoteJWKSet, type JWTVerifyGetKey, customFetch as jwksFetch } from "jose";
import * as oidc from "openid-client";
import { AuthError } from "../../errors.js";
import { type ProviderFetch, providerFetch, type RequestLimits } from "./provider-fetch.js";
import type { Provider } from "./providers/provider.js";

/** What is known of a provider's server. */
export interface ServerFacts {
  readonly metadata: oidc.ServerMetadata;
  /** The keys of its ID tokens. */
  readonly keys: JWTVerifyGetKey | undefined;
}

interface Cached {
  readonly facts: Promise<ServerFacts>;
  /** Until when it is good, milliseconds of `performance.now`. */
  until: number;
}

/** Milliseconds that metadata are kept, and for which a failure is not tried again. */
const metadataLife = 60 * 60 * 1000;
const backOff = 2000;
const keyLimits = { timeoutDuration: 10_000, cooldownDuration: 10_000 };

const known = new WeakMap<Provider, Cached>();

/**
 * What is known of a provider's server: pinned, or discovered when it is first needed. Many that ask at once make one request; a success is
 * kept for an hour, a failure for a moment. Throws AuthError `provider_unavailable`.
 */
export function serverFacts(provider: Provider, limits: RequestLimits): Promise<ServerFacts> {
  const cached = known.get(provider);
  if (cached && performance.now() < cached.until) return cached.facts;
  const facts = findFacts(provider, limits.request);
  const entry: Cached = { facts, until: performance.now() + metadataLife };
  known.set(provider, entry);
  facts.catch(() => {
    entry.until = performance.now() + backOff;
  });
  return facts;
}

async function findFacts(provider: Provider, request: number): Promise<ServerFacts> {
  // Whoever asked first may go away: the others wait for the same.
  const own = providerFetch(provider, { request, signal: new AbortController().signal });
  const metadata = provider.endpoints ? pinned(provider) : await discovered(provider, own);
  const keys = provider.endpoints ? provider.endpoints.keys : metadata.jwks_uri;
  if (keys === undefined) return { metadata, keys: undefined };
  const set = createRemoteJWKSet(new URL(keys), { ...keyLimits, [jwksFetch]: (url, init) => own(url, init) });
  return { metadata, keys: set };
}

function pinned({ issuer, endpoints, promisesIss }: Provider): oidc.ServerMetadata {
  return {
    issuer,
    authorization_endpoint: endpoints?.authorization ?? "",
    token_endpoint: endpoints?.token ?? "",
    authorization_response_iss_parameter_supported: promisesIss === true,
  };
}

async function discovered(provider: Provider, own: ProviderFetch): Promise<oidc.ServerMetadata> {
  const { issuer, label, clientId = "" } = provider;
  try {
    const found = await oidc.discovery(new URL(issuer), clientId, undefined, oidc.None(), {
      [oidc.customFetch]: (url, init) => own(url, init as RequestInit),
      execute: issuer.startsWith("http:") ? [oidc.allowInsecureRequests] : [],
    });
    return { ...found.serverMetadata() };
  } catch (error) {
    throw new AuthError("provider_unavailable", { subject: label, cause: innerError(error) });
  }
}

/** The provider as openid-client wants it, for one sign-in. `fetchWith`: how it makes its requests. */
export async function clientConfiguration(
  provider: Provider,
  metadata: oidc.ServerMetadata,
  fetchWith: ProviderFetch,
): Promise<oidc.Configuration> {
  const { clientId = "", signSecret, clientAuthentication } = provider;
  const secret = signSecret ? await signSecret(clientId, Date.now()) : provider.clientSecret;
  const authentication =
    clientAuthentication === "none"
      ? oidc.None()
      : clientAuthentication === "basic"
        ? oidc.ClientSecretBasic(secret)
        : oidc.ClientSecretPost(secret);
  const configuration = new oidc.Configuration(metadata, clientId, undefined, authentication);
  configuration[oidc.customFetch] = (url, init) => fetchWith(url, init as RequestInit);
  if (metadata.token_endpoint?.startsWith("http:")) oidc.allowInsecureRequests(configuration);
  return configuration;
}

/** Our own error inside of one of openid-client's or jose's. */
export function innerError(error: unknown): unknown {
  for (let one = error; one instanceof Error; one = one.cause) if (one instanceof AuthError) return one;
  return error;
}
