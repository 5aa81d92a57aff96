import type { Model } from "../../accounts/models.js";
import { withoutTimes } from "../../accounts/user-json.js";
import { AuthError, type ErrorCode, errorTable } from "../../errors.js";
import { addressOf } from "../../events.js";
import type { Params, RawReply } from "../call.js";
import type { SiteCall, SiteRoute } from "../site-route.js";
import { type Arrival, accountOf, identityOf } from "./accounts.js";
import { type Exchanged, exchangeCode } from "./exchange.js";
import { callbackError, failureOf } from "./failures.js";
import { callbackUrl, type FlowData, flowCookies, hashOf, nonceOf, offers, verifierOf } from "./flow.js";
import { clearedFlowCookie, cookieName } from "./flow-cookie.js";
import { requestLimits } from "./limits.js";
import { isOffered } from "./offered.js";
import { issueCode } from "./one-time-code.js";
import { plainFailure } from "./plain-failure.js";
import type { Provider } from "./providers/provider.js";
import { objectOf } from "./providers/values.js";
import { type Outcome, resultReply } from "./result.js";
import { signedIn } from "./signed-in.js";

/** Where a provider sends a browser back to, by a redirect or by a form. */
export const callback: SiteRoute = {
  methods: ["GET", "POST"],
  match(path, { omniauthPrefix, providers }) {
    if (!path.startsWith(`${omniauthPrefix}/`)) return undefined;
    const [provider = "", end, ...more] = path.slice(omniauthPrefix.length + 1).split("/");
    const isOurs = end === "callback" && more.length === 0 && Object.hasOwn(providers, provider);
    return isOurs ? { provider } : undefined;
  },
  template: ({ omniauthPrefix }) => `${omniauthPrefix}/:provider/callback`,
  name: "providerCallback",
  isFor: isOffered,
  async action(call) {
    const returned = await findFlow(call);
    if ("status" in returned) return returned;
    return { model: returned.model, respond: () => finish(returned) };
  },
};

/** A flow whose browser has come back, and that nobody else can finish. */
interface Returned {
  readonly call: SiteCall;
  readonly flow: FlowData;
  readonly model: Model;
  readonly name: string;
  readonly provider: Provider;
  readonly state: string;
  readonly secret: string;
}

async function finish(returned: Returned): Promise<RawReply> {
  const { call, flow, name, state, provider } = returned;
  const { services, method, caller } = call;
  const redirectUri = callbackUrl(services.settings, name);
  let outcome: Outcome;
  try {
    const told = callbackError(call.params, provider);
    if (told !== undefined) throw new AuthError(told, { subject: provider.label });
    outcome = await outcomeOf(returned, redirectUri);
  } catch (error) {
    outcome = { kind: "failure", error: failureOf(services, error, provider.label) };
    services.emit("sign_in.failed", { model: flow.model, ...addressOf(caller), reason: outcome.error });
  }
  const reply = resultReply(flow, outcome, {
    status: method === "GET" ? 302 : 303,
    language: call.language,
    pages: services.pages,
    headers: [["set-cookie", clearedFlowCookie(cookieName(state, redirectUri), redirectUri)]],
  });
  return outcome.kind === "credentials" ? { ...reply, credentials: outcome.authentication } : reply;
}

/** The flow that the callback belongs to, used up; or the page that says why there is none. */
async function findFlow(call: SiteCall): Promise<Returned | RawReply> {
  const { services, models, params } = call;
  const { store, settings } = services;
  const name = call.path["provider"] ?? "";
  const provider = settings.providers[name];
  const state = textIn(params, "state");
  const stored = state === undefined ? undefined : await store.flows.find("flow", hashOf(state));
  const flow = stored && (JSON.parse(stored.data) as FlowData);
  const model = models.find((one) => one.name === flow?.model);
  if (
    !provider ||
    !stored ||
    !flow ||
    !model ||
    state === undefined ||
    flow.provider !== name ||
    !offers(model, settings, name)
  )
    // Not to an address out of the request: anybody can write it.
    return refuse(
      call,
      callbackError(params, provider) === "access_denied" ? "access_denied" : "state_invalid",
    );
  const secret = flowCookies(call.header("cookie")).get(cookieName(state, callbackUrl(settings, name)));
  if (secret === undefined || hashOf(secret) !== flow.secretHash)
    return refuse(call, "browser_mismatch", flow.origin);
  // Whoever comes second must not undo or hide what the first has done.
  if (stored.usedAt !== null || !(await store.flows.take("flow", hashOf(state))))
    return refuse(call, "state_used", flow.origin);
  return { call, flow, model, name, provider, state, secret };
}

function refuse({ services, caller, language }: SiteCall, code: ErrorCode, href?: string): RawReply {
  services.emit("sign_in.failed", { ...addressOf(caller), reason: code });
  return plainFailure(services.pages, code, errorTable[code], language, href === undefined ? {} : { href });
}

async function outcomeOf(returned: Returned, redirectUri: string): Promise<Outcome> {
  const { call, flow, model, name, provider } = returned;
  const { services, steps, caller } = call;
  const exchanged = await exchange(returned, redirectUri);
  const { config, challenge, link, origin, fields, params, invitation } = flow;
  const arrival: Arrival = {
    services,
    steps,
    model,
    caller,
    name,
    provider,
    exchanged,
    fields: objectOf(fields),
    params,
    invitation,
    config,
    origin,
  };
  if (link !== null && challenge !== null) {
    const identity = await identityOf(arrival);
    const result = { kind: "identity", client: link, identity } as const;
    return {
      kind: "code",
      code: await issueCode(services, { model: model.name, challenge, config, result }),
      isNew: false,
    };
  }
  const arrived = await accountOf(arrival);
  const { record, isNew, identityId } = arrived;
  if (challenge !== null) {
    const result = { kind: "account", accountId: String(record.account.id), identityId, isNew } as const;
    return {
      kind: "code",
      code: await issueCode(services, { model: model.name, challenge, config, result }),
      isNew,
    };
  }
  const authentication = await signedIn(services, steps, model, arrived, caller);
  const user = await services.hooks.answer(model, withoutTimes(authentication.account), "providerCallback");
  return { kind: "credentials", authentication, user, isNew };
}

async function exchange(
  { call, provider, state, secret }: Returned,
  redirectUri: string,
): Promise<Exchanged> {
  const fields = Object.fromEntries([...call.params].map(([name, value]) => [name, String(value ?? "")]));
  if (provider.developmentOnly) {
    const profile = provider.profile({ claims: {}, responses: {}, callback: fields });
    return { profile, tokens: { accessToken: "", refreshToken: null, expiresAt: null, scope: null } };
  }
  const code = textIn(call.params, "code");
  if (code === undefined)
    throw new AuthError("provider_error", {
      subject: provider.label,
      cause: new Error("The callback lacks a code"),
    });
  return exchangeCode(
    provider,
    {
      redirectUri,
      state,
      code,
      verifier: verifierOf(secret),
      nonce: nonceOf(secret),
      iss: textIn(call.params, "iss"),
      callback: fields,
    },
    requestLimits(call.services.settings),
  );
}

function textIn(params: Params, name: string): string | undefined {
  const value = params.get(name);
  return typeof value === "string" && value !== "" ? value : undefined;
}
