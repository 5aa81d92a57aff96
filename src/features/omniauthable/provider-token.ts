import * as oidc from "openid-client";
import type { Model } from "../../accounts/models.js";
import type { Identity } from "../../database/identity-port.js";
import { AuthError } from "../../errors.js";
import type { Services } from "../services.js";
import { clientConfiguration, serverFacts } from "./connection.js";
import { requestLimits } from "./limits.js";
import { providerFetch } from "./provider-fetch.js";
import { decryptTokens, encryptTokens, type ProviderTokens } from "./provider-tokens.js";
import type { Provider } from "./providers/provider.js";
import { conformingFetch, refuseGrant, tokensOf } from "./token-endpoint.js";

/** Milliseconds before its end at which a token is renewed: the request that it is for takes a moment. */
const early = 60_000;

/** Refreshes that are under way here, by identity: some refresh tokens are good for one use. */
const underWay = new Map<string, Promise<ProviderTokens>>();

/**
 * A provider's access token for an account, renewed if it is about to expire. `undefined`: the account has no identity there, or no tokens
 * were kept. Throws AuthError `provider_error` when the provider refuses to renew it, and `provider_unavailable`.
 */
export async function providerToken(
  services: Services,
  model: Model,
  accountId: string,
  name: string,
): Promise<string | undefined> {
  const { settings, store } = services;
  const provider = Object.hasOwn(settings.providers, name) ? settings.providers[name] : undefined;
  if (!provider) throw new TypeError(`There is no provider "${name}"`);
  const identities = (await store.identities.list(model, accountId)).filter((one) => one.provider === name);
  const [latest] = identities.toSorted((one, other) => other.lastUsedAt - one.lastUsedAt);
  const tokens = latest && tokensIn(services, latest);
  if (!latest || !tokens) return undefined;
  if (tokens.expiresAt === null || tokens.expiresAt - early > Date.now()) return tokens.accessToken;
  if (tokens.refreshToken === null) return tokens.expiresAt > Date.now() ? tokens.accessToken : undefined;
  const running = underWay.get(latest.id);
  const renewal = running ?? renew(services, model, provider, latest, tokens);
  if (!running) {
    underWay.set(latest.id, renewal);
    const forget = (): boolean => underWay.delete(latest.id);
    renewal.then(forget, forget);
  }
  return (await renewal).accessToken;
}

async function renew(
  services: Services,
  model: Model,
  provider: Provider,
  identity: Identity,
  tokens: ProviderTokens,
): Promise<ProviderTokens> {
  const { store, settings } = services;
  const limits = requestLimits(settings);
  try {
    const { metadata } = await serverFacts(provider, limits);
    const conforming = conformingFetch(provider, providerFetch(provider, limits));
    const configuration = await clientConfiguration(provider, metadata, conforming.fetch);
    const granted = await oidc
      .refreshTokenGrant(configuration, tokens.refreshToken ?? "")
      .catch((error: unknown) => refuseGrant(provider, error));
    const next = tokensOf(granted);
    const kept = { ...next, refreshToken: next.refreshToken ?? tokens.refreshToken };
    const encrypted = encryptTokens(settings.serverKeys, identity.id, kept);
    await store.identities.replaceTokens(identity.id, identity.tokens ?? "", encrypted);
    return kept;
  } catch (error) {
    // Another server may have used the refresh token a moment ago: then the new tokens are there.
    const now = await store.identities.find(model, identity.id);
    const theirs = now && now.tokens !== identity.tokens ? tokensIn(services, now) : undefined;
    if (theirs) return theirs;
    throw error instanceof AuthError
      ? error
      : new AuthError("provider_error", { subject: provider.label, cause: error });
  }
}

function tokensIn({ settings }: Services, { id, tokens }: Identity): ProviderTokens | undefined {
  return tokens === null ? undefined : decryptTokens(settings.serverKeys, id, tokens);
}
