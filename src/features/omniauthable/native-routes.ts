import { z } from "zod";
import { AuthError } from "../../errors.js";
import { addressOf } from "../../events.js";
import { type Call, ok } from "../call.js";
import type { Route } from "../feature.js";
import { invitationInput, invitationOf } from "../invitation.js";
import { success, userSchema } from "../schemas.js";
import { accountOf } from "./accounts.js";
import { serverFacts } from "./connection.js";
import type { Exchanged } from "./exchange.js";
import { callbackUrl, hashOf, newSecret, offers } from "./flow.js";
import { verifyIdToken } from "./id-token.js";
import { requestLimits } from "./limits.js";
import { exchangeNativeCode } from "./native-code.js";
import { isOffered } from "./offered.js";
import type { Provider } from "./providers/provider.js";
import { signInReply } from "./signed-in.js";

/** How long a native app may take from asking for a nonce to sending what it got. */
const nonceLifespan = 10 * 60 * 1000;

const askNonce: Route = {
  method: "POST",
  path: "/:provider/nonce",
  limit: "provider",
  name: "askNonce",
  summary: "A nonce for the ID token that a native app asks a provider for",
  isFor: isOffered,
  access: "anyone",
  output: () => success({ data: z.object({ nonce: z.string() }) }),
  errors: ["not_found"],
  async action(call) {
    const { name } = providerOf(call);
    await call.services.bots.check();
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

const exchange: Route = {
  method: "POST",
  path: "/:provider/token",
  limit: "provider",
  name: "exchangeNativeSignIn",
  summary: "Sign in with an ID token or a code that a native app got from a provider",
  isFor: isOffered,
  access: "anyone",
  input: (model) =>
    z.object({
      id_token: z.string().optional(),
      nonce: z.string().optional(),
      code: z.string().optional(),
      code_verifier: z.string().optional(),
      redirect_uri: z.string().optional(),
      client_id: z.string().optional(),
      user: z.string().optional(),
      ...invitationInput(model),
    }),
  output: (model) =>
    z.object({ data: userSchema(model), config: z.string(), oauth_registration: z.boolean().optional() }),
  errors: [
    "identity_unproven",
    "provider_error",
    "provider_unavailable",
    "email_required",
    "email_taken",
    "registration_disabled",
    "invitation_required",
    "invitation_invalid",
    "invalid",
    "not_found",
  ],
  async action(call) {
    const { name, provider } = providerOf(call);
    await call.services.bots.check();
    try {
      const { services, steps, model, caller } = call;
      const isCode = call.text("code") !== undefined;
      const exchanged = isCode ? await byCode(call, name, provider) : await byIdToken(call, name, provider);
      // Only what this app can renew is worth keeping; what was kept of an earlier sign-in stays.
      const isOwn = isCode && (call.text("client_id") ?? provider.clientId) === provider.clientId;
      const config = call.configName() ?? null;
      const arrived = await accountOf({
        services,
        steps,
        model,
        caller,
        name,
        provider: { ...provider, keepTokens: provider.keepTokens && isOwn },
        exchanged,
        fields: Object.fromEntries(call.params),
        params: call.permitted(),
        invitation: invitationOf(call) ?? null,
        config,
        origin: undefined,
      });
      return await signInReply(call, arrived, config);
    } catch (error) {
      const reason = error instanceof AuthError ? error.code : "internal";
      call.services.emit("sign_in.failed", { model: call.model.name, ...addressOf(call.caller), reason });
      throw error;
    }
  },
};

export const nativeRoutes: readonly Route[] = [askNonce, exchange];

/** What the app sent beside the token or the code. Nobody has signed it. */
const besides = (call: Call) => ({ user: call.text("user") ?? "" });

function refusal({ label }: Provider, why: string): AuthError {
  return new AuthError("identity_unproven", { subject: label, cause: new Error(why) });
}

/** A nonce that this model gave out for this provider, used up; undefined if the app sent none. */
async function takeNonce(call: Call, name: string, provider: Provider): Promise<string | undefined> {
  const nonce = call.text("nonce");
  if (nonce === undefined) return undefined;
  const taken = await call.services.store.flows.take("nonce", hashOf(nonce));
  const asked = JSON.stringify({ provider: name, model: call.model.name });
  if (taken?.data !== asked) throw refusal(provider, "The nonce is unknown, was used, or has expired");
  return nonce;
}

// An access token is nobody's proof: another app may have got it.
async function byIdToken(call: Call, name: string, provider: Provider): Promise<Exchanged> {
  const token = call.text("id_token");
  if (provider.idToken === "none" || token === undefined) throw refusal(provider, "There is no ID token");
  const nonce = await takeNonce(call, name, provider);
  if (nonce === undefined) throw refusal(provider, "There is no nonce");
  const facts = await serverFacts(provider, requestLimits(call.services.settings));
  const claims = await verifyIdToken(provider, facts, token, {
    audiences: [provider.clientId ?? "", ...provider.audiences],
    nonce,
    isNative: true,
    mayHashNonce: provider.hashesNonce === true,
  });
  const profile = provider.profile({ claims, responses: {}, callback: besides(call) });
  return { profile, tokens: { accessToken: "", refreshToken: null, expiresAt: null, scope: null } };
}

async function byCode(call: Call, name: string, provider: Provider): Promise<Exchanged> {
  const { settings } = call.services;
  const redirectUri = call.text("redirect_uri") ?? "";
  // A code of the browser's flow belongs to the browser that began it.
  if (redirectUri === callbackUrl(settings, name))
    throw refusal(provider, "redirect_uri is that of the web's flow");
  const native = {
    code: call.text("code") ?? "",
    redirectUri,
    clientId: call.text("client_id"),
    verifier: call.text("code_verifier"),
    nonce: await takeNonce(call, name, provider),
    callback: besides(call),
  };
  return exchangeNativeCode(provider, native, requestLimits(settings));
}

function providerOf(call: Call): { readonly name: string; readonly provider: Provider } {
  const name = call.path["provider"] ?? "";
  const { settings } = call.services;
  const provider = offers(call.model, settings, name) ? settings.providers[name] : undefined;
  if (!provider) throw new AuthError("not_found");
  return { name, provider };
}
