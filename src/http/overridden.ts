import type { ActionName } from "../accounts/actions.js";
import type { CheckedOverride } from "../accounts/overrides.js";
import type { Authentication } from "../engine/authentication.js";
import { accountIds } from "../events.js";
import type { Params, Reply } from "../features/call.js";
import { forgetNewDevice } from "../features/known-device.js";
import type { Services } from "../features/services.js";
import type { SiteCall, SiteReply } from "../features/site-route.js";
import type { RequestCall } from "./call.js";
import { credentialCookie } from "./cookie.js";
import { deviceCookie } from "./device-mark.js";
import { type OverrideOptions, runOverride } from "./override.js";
import { toResponse } from "./respond.js";
import type { Runtime } from "./runtime.js";

/** The response that an override gives in the place of an action. */
export async function respondOverridden(
  override: CheckedOverride,
  call: RequestCall,
  act: () => Promise<Reply>,
): Promise<Response> {
  const { services, language } = call;
  const options = { override, call, act, language, redirects: services.redirects, pages: services.pages };
  const withdraw = async (): Promise<void> => {
    const { credentials, pending } = call;
    const own = pending?.authentication;
    if (!credentials || (own && goesOn(own, credentials))) return;
    // First of all they do not go out, even if the session cannot be ended. The session that asked goes on beside another's.
    call.credentials = own?.session.client === credentials.session.client ? undefined : own;
    await endSession(services, credentials);
  };
  return respondUnlessRefused(options, withdraw);
}

/** A request to a route beside the models' mount points, once its action knows the model. */
export async function respondToSite(
  { overrides, settings }: Runtime,
  action: ActionName,
  call: SiteCall & { params: Params },
  given: Reply | SiteReply,
): Promise<Response> {
  if (!("respond" in given)) return toResponse(given, call.language, call.services.pages);
  const { model, respond } = given;
  const { services, language } = call;
  let opened: Authentication | undefined;
  const act = async (): Promise<Reply> => {
    const reply = await respond();
    opened = "headers" in reply ? reply.credentials : undefined;
    return reply;
  };
  const override = overrides[model.name]?.[action];
  const { path, caller, header } = call;
  const asked = {
    model,
    action,
    path,
    caller,
    header,
    get params() {
      return call.params;
    },
    set params(params) {
      call.params = params;
    },
    get credentials() {
      return opened;
    },
    account: undefined,
  };
  const withdraw = async (): Promise<void> => {
    const session = opened;
    opened = undefined;
    if (session) await endSession(services, session);
  };
  const response = override
    ? await respondUnlessRefused(
        { override, call: asked, act, language, redirects: services.redirects, pages: services.pages },
        withdraw,
      )
    : toResponse(await act(), language, services.pages);
  if (opened && settings.cookieEnabled)
    for (const cookie of [credentialCookie(opened, settings), ...deviceCookie(opened, settings)])
      response.headers.append("set-cookie", cookie);
  return response;
}

/** Whether credentials are those of the session that asked. The session of a reset link that can do more now is a new one. */
function goesOn({ session: own }: Authentication, { session }: Authentication): boolean {
  return own.client === session.client && (own.limitedTo === null || session.limitedTo !== null);
}

/**
 * Runs the override. One that refuses or fails hands out no new session, though the original action has opened one: `withdraw` ends it.
 * A second factor that could not be asked for must not let anybody in.
 */
async function respondUnlessRefused(
  options: OverrideOptions,
  withdraw: () => Promise<void>,
): Promise<Response> {
  try {
    const { reply, headers } = await runOverride(options);
    const response = toResponse(reply, options.language, options.pages);
    for (const [name, value] of headers) response.headers.append(name, value);
    if (response.status >= 400) await withdraw();
    return response;
  } catch (error) {
    await withdraw();
    throw error;
  }
}

async function endSession(services: Services, authentication: Authentication): Promise<void> {
  const { store, emit } = services;
  const { model, account, session } = authentication;
  // In this order: what is noted of a device needs its session.
  await store.sessions.end(model, session.accountId, session.client);
  await forgetNewDevice(services, authentication);
  emit("session.ended", { ...accountIds(model, account), client: session.client });
}
