import { z } from "zod";
import { withoutTimes } from "../../accounts/user-json.js";
import { AuthError } from "../../errors.js";
import { addressOf } from "../../events.js";
import { type Call, ok, type Reply } from "../call.js";
import type { Route } from "../feature.js";
import { success, userSchema } from "../schemas.js";
import { type Arrived, accountOf } from "./accounts.js";
import { serverFacts } from "./connection.js";
import { hashOf, newSecret, offers } from "./flow.js";
import { verifyIdToken } from "./id-token.js";
import { requestLimits } from "./limits.js";
import { isOffered } from "./offered.js";
import { redeemCode } from "./one-time-code.js";
import type { Provider } from "./providers/provider.js";
import { signedIn } from "./signed-in.js";

/** How long a native app may take from asking for a nonce to sending the token. */
const nonceLifespan = 10 * 60 * 1000;

const redeem: Route = {
  method: "POST",
  path: "/omniauth_code",
  limit: "link",
  operationId: "redeemOmniauthCode",
  summary: "Exchange the one-time code of a sign-in with a provider",
  isFor: isOffered,
  access: "anyone",
  input: () => z.object({ omniauth_code: z.string(), code_verifier: z.string() }),
  output: (model) =>
    z.object({ data: userSchema(model), config: z.string(), oauth_registration: z.boolean().optional() }),
  errors: ["omniauth_code_invalid"],
  async action(call) {
    const { services, model } = call;
    const [code, verifier] = [call.text("omniauth_code"), call.text("code_verifier")];
    const { result, config } = await redeemCode(services, model.name, "account", code, verifier);
    const record = await services.store.accounts.find(model, result.accountId);
    if (!record) throw new AuthError("omniauth_code_invalid");
    return signInWith(call, { ...result, record }, config);
  },
};

const askNonce: Route = {
  method: "POST",
  path: "/:provider/nonce",
  limit: "provider",
  operationId: "askNonce",
  summary: "A nonce for the ID token that a native app asks a provider for",
  isFor: isOffered,
  access: "anyone",
  output: () => success({ data: z.object({ nonce: z.string() }) }),
  errors: ["not_found"],
  async action(call) {
    const { name } = providerOf(call);
    const nonce = newSecret();
    const data = JSON.stringify({ provider: name, model: call.model.name });
    await call.services.store.flows.put({
      kind: "nonce",
      hash: hashOf(nonce),
      data,
      lifespan: nonceLifespan,
    });
    return ok({ success: true, data: { nonce } });
  },
};

const exchangeIdToken: Route = {
  method: "POST",
  path: "/:provider/token",
  limit: "provider",
  operationId: "exchangeIdToken",
  summary: "Sign in with an ID token that a native app got from a provider",
  isFor: isOffered,
  access: "anyone",
  input: () => z.object({ id_token: z.string(), nonce: z.string(), user: z.string().optional() }),
  output: (model) =>
    z.object({ data: userSchema(model), config: z.string(), oauth_registration: z.boolean().optional() }),
  errors: [
    "identity_unproven",
    "provider_unavailable",
    "email_required",
    "email_taken",
    "registration_disabled",
    "invalid",
    "not_found",
  ],
  async action(call) {
    const { name, provider } = providerOf(call);
    try {
      const { services, steps, model, caller } = call;
      const claims = await verifiedClaims(call, name, provider);
      const callback = { user: call.text("user") ?? "" };
      const profile = provider.profile({ claims, responses: {}, callback });
      const tokens = { accessToken: "", refreshToken: null, expiresAt: null, scope: null };
      // A native app keeps the provider's tokens itself: what was kept of an earlier sign-in stays.
      const exchanged = { profile, tokens };
      const config = call.configName() ?? null;
      const arrived = await accountOf({
        services,
        steps,
        model,
        caller,
        name,
        provider: { ...provider, keepTokens: false },
        exchanged,
        fields: Object.fromEntries(call.params),
        config,
        origin: undefined,
      });
      return await signInWith(call, arrived, config);
    } catch (error) {
      const reason = error instanceof AuthError ? error.code : "internal";
      call.services.emit("sign_in.failed", { model: call.model.name, ...addressOf(call.caller), reason });
      throw error;
    }
  },
};

export const exchangeRoutes: readonly Route[] = [redeem, askNonce, exchangeIdToken];

async function signInWith(call: Call, arrived: Arrived, config: string | null): Promise<Reply> {
  const { services, steps, model, caller } = call;
  call.credentials = await signedIn(services, steps, model, arrived, caller);
  const data = await services.hooks.answer(model, withoutTimes(call.credentials.account));
  return ok({ data, config: config ?? "default", ...(arrived.isNew ? { oauth_registration: true } : {}) });
}

// An access token is nobody's proof: another app may have got it.
async function verifiedClaims(call: Call, name: string, provider: Provider) {
  const { store, settings } = call.services;
  const refuse = (why: string): AuthError =>
    new AuthError("identity_unproven", { subject: provider.label, cause: new Error(why) });
  const [token, nonce] = [call.text("id_token"), call.text("nonce")];
  if (provider.idToken === "none" || token === undefined) throw refuse("There is no ID token");
  const taken = nonce === undefined ? undefined : await store.flows.take("nonce", hashOf(nonce));
  const asked = JSON.stringify({ provider: name, model: call.model.name });
  if (taken?.data !== asked) throw refuse("The nonce is unknown, was used, or has expired");
  const facts = await serverFacts(provider, requestLimits(settings));
  const audiences = [provider.clientId ?? "", ...provider.audiences];
  return verifyIdToken(provider, facts, token, { audiences, nonce, isNative: true });
}

function providerOf(call: Call): { readonly name: string; readonly provider: Provider } {
  const name = call.path["provider"] ?? "";
  const { settings } = call.services;
  const provider = offers(call.model, settings, name) ? settings.providers[name] : undefined;
  if (!provider) throw new AuthError("not_found");
  return { name, provider };
}
