import { AuthError, type ErrorCode } from "../../errors.js";
import { addressOf } from "../../events.js";
import type { Call, RawReply } from "../call.js";
import { invitationOf } from "../invitation.js";
import { authorizationUrl } from "./authorization.js";
import { developerForm } from "./developer-form.js";
import { failureOf } from "./failures.js";
import { callbackUrl, flowCookies, nonceOf, offers, startFlow, verifierOf, type WindowType } from "./flow.js";
import { clearedFlowCookie, cookieName, flowCookie } from "./flow-cookie.js";
import { requestLimits } from "./limits.js";
import { isChallenge } from "./one-time-code.js";
import { openWindow } from "./page.js";
import { plainFailure } from "./plain-failure.js";
import type { Provider } from "./providers/provider.js";
import { type Destination, resultReply } from "./result.js";

const windowTypes: ReadonlySet<string> = new Set<WindowType>(["newWindow", "inAppBrowser", "sameWindow"]);
/** Flows that one browser may have under way. More cookies would fill the header until nothing passes any more. */
const mostFlows = 10;
/** Characters that the fields of a sign-up may have together. */
const longestFields = 8192;
const once = "omniauth_host_checked";

/** Begins a sign-in: a browser navigates here, and is sent to the provider. */
export async function start(call: Call): Promise<RawReply> {
  const name = call.path["provider"] ?? "";
  const { settings } = call.services;
  if (!offers(call.model, settings, name)) throw new AuthError("not_found");
  const provider = settings.providers[name];
  if (!provider) throw new AuthError("not_found");
  const moved = otherHost(call, callbackUrl(settings, name));
  if (moved !== undefined) return { status: seeOther(call), headers: [["location", moved], ...openWindow] };
  let destination: Destination;
  try {
    destination = destinationOf(call);
  } catch (error) {
    if (!(error instanceof AuthError)) throw error;
    return plainFailure(call.services.pages, error.code, error.status, call.language, {
      subject: error.subject ?? "",
    });
  }
  try {
    // Told to the client where it waits, not as JSON in a popup.
    await call.services.limits.request("provider", call.model, call.caller);
    await call.services.bots.check();
    return await begin(call, name, provider, destination);
  } catch (error) {
    return failed(call, destination, failureOf(call.services, error, provider.label));
  }
}

async function begin(
  call: Call,
  name: string,
  provider: Provider,
  destination: Destination,
): Promise<RawReply> {
  const { services, model } = call;
  const { settings, store } = services;
  const redirectUri = callbackUrl(settings, name);
  const link = call.text("omniauth_link") ?? null;
  const { state, secret } = await startFlow(
    store,
    {
      ...destination,
      provider: name,
      model: model.name,
      fields: fitting(fieldsOf(call)),
      params: fitting(call.permitted()),
      invitation: invitationOf(call) ?? null,
      link,
    },
    settings.omniauthTimeout,
  );
  const cookie = flowCookie(
    cookieName(state, redirectUri),
    secret,
    provider,
    redirectUri,
    settings.omniauthTimeout,
  );
  const surplus = [...flowCookies(call.header("cookie")).keys()].slice(0, -(mostFlows - 1));
  const headers: (readonly [string, string])[] = [
    ["set-cookie", cookie],
    ...surplus.map((old) => ["set-cookie", clearedFlowCookie(old, redirectUri)] as const),
  ];
  if (provider.developmentOnly)
    return developerForm(redirectUri, state, headers, destination.origin, call.language, services.pages);
  const flow = { redirectUri, state, verifier: verifierOf(secret), nonce: nonceOf(secret) };
  const location = await authorizationUrl(provider, flow, requestLimits(settings));
  return { status: seeOther(call), headers: [["location", location], ...openWindow, ...headers] };
}

/** Where the result goes. Throws AuthError `redirect_missing`, `redirect_refused`, `code_challenge_missing`. */
function destinationOf(call: Call): Destination {
  const origin = call.redirectTarget("auth_origin_url", undefined);
  if (origin === undefined) throw new AuthError("redirect_missing");
  const challenge = call.text("code_challenge");
  const needsCode = call.services.settings.requireOmniauthCode || call.text("omniauth_link") !== undefined;
  if (challenge === undefined ? needsCode : !isChallenge(challenge))
    throw new AuthError("code_challenge_missing");
  const asked = call.text("omniauth_window_type") ?? "";
  return {
    origin,
    windowType: windowTypes.has(asked) ? (asked as WindowType) : "sameWindow",
    config: call.configName() ?? null,
    challenge: challenge ?? null,
  };
}

function fieldsOf({ model, params }: Call): Readonly<Record<string, unknown>> {
  const names = model.fields.filter(({ onSignUp }) => onSignUp).map(({ name }) => name);
  return Object.fromEntries(names.flatMap((name) => (params.has(name) ? [[name, params.get(name)]] : [])));
}

function fitting<Values extends object>(values: Values): Values | Record<string, never> {
  return JSON.stringify(values).length <= longestFields ? values : {};
}

/**
 * The same address on the host that the provider sends browsers back to: a cookie of another host would not be there then. Once only: behind
 * a proxy that writes its own host, no request ever shows the public one.
 */
function otherHost(call: Call, callback: string): string | undefined {
  const { host, origin } = new URL(callback);
  const asked = call.header("host");
  if (asked === undefined || asked.toLowerCase() === host) return undefined;
  const base = call.services.settings.fullHost ?? call.services.settings.baseUrl;
  const url = new URL(base + call.url);
  if (url.origin !== origin || url.searchParams.has(once)) return undefined;
  // The fields of a form: what follows is a GET.
  if (call.method !== "GET")
    for (const [name, value] of call.params) if (value !== null) url.searchParams.set(name, String(value));
  url.searchParams.set(once, "true");
  return url.href;
}

function failed(call: Call, destination: Destination, error: ErrorCode): RawReply {
  const { services, model, caller, language } = call;
  services.emit("sign_in.failed", { model: model.name, ...addressOf(caller), reason: error });
  return resultReply(
    destination,
    { kind: "failure", error },
    { status: seeOther(call), language, pages: services.pages, headers: [] },
  );
}

// RFC 9700 §4.12: 307 would post the form again, at the provider.
function seeOther({ method }: Pick<Call, "method">): 302 | 303 {
  return method === "GET" ? 302 : 303;
}
