import type { Account, Model } from "../accounts/models.js";
import type { Authentication } from "../engine/authentication.js";
import type { CreateSessionOptions } from "../engine/sessions.js";
import type { Caller } from "./caller.js";
import type { Services } from "./services.js";

/** Opens a session for an account that has just proved itself, and runs the app's `afterSignIn`. */
export async function openSession(
  services: Services,
  model: Model,
  account: Account,
  caller: Caller,
  options: CreateSessionOptions = {},
): Promise<Authentication> {
  const authentication = await services.sessions.create(model, account, { ...caller, label: null }, options);
  await services.hooks.afterSignIn(model, account, authentication.session.client);
  return authentication;
}
