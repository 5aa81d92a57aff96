import type { Account, Model } from "../accounts/models.js";
import type { CreateSessionOptions } from "../engine/sessions.js";
import type { Caller } from "./caller.js";
import { type NotedDevice, noteDevice } from "./known-device.js";
import type { Services } from "./services.js";

/** Opens a session for an account that has just proved itself, remembers its device, and runs the app's `afterSignIn`. */
export async function openSession(
  services: Services,
  model: Model,
  account: Account,
  caller: Caller,
  options: CreateSessionOptions = {},
): Promise<NotedDevice> {
  const { address, userAgent } = caller;
  const device = { address, userAgent, label: null };
  const opened = await services.sessions.create(model, account, device, options);
  const noted = await noteDevice(services, model, account, caller, opened);
  await services.hooks.afterSignIn(model, account, opened.session.client);
  return noted;
}
