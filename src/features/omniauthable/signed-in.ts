import type { Model } from "../../accounts/models.js";
import { withoutTimes } from "../../accounts/user-json.js";
import type { Authentication } from "../../engine/authentication.js";
import { type Call, ok, type Reply, type Steps } from "../call.js";
import type { Caller } from "../caller.js";
import { openSession } from "../open-session.js";
import type { Services } from "../services.js";
import { found, runSteps, type SignInAttempt, type SignInStep } from "../steps.js";
import type { Arrived } from "./accounts.js";

/** Opens a session for somebody whom a provider has named. */
export const startProviderSession: SignInStep = async (attempt) => {
  const { services, model, caller } = attempt;
  const { account } = found(attempt, "record");
  const { identityId } = attempt;
  Object.assign(attempt, await openSession(services, model, account, caller, { identityId }));
};

/** Takes somebody whom a provider has named through a sign-in. Throws AuthError `disabled`, and `invalid_credentials` if the identity has gone meanwhile. */
export async function signedIn(
  services: Services,
  steps: Steps,
  model: Model,
  { record, identityId }: Pick<Arrived, "record" | "identityId">,
  caller: Caller,
): Promise<Authentication> {
  const attempt: SignInAttempt = {
    services,
    model,
    caller,
    name: undefined,
    password: undefined,
    record,
    identityId,
  };
  await runSteps(steps.providerSignIn, attempt);
  return found(attempt, "authentication");
}

/** The response to somebody whom a provider has named, with the credentials of a new session. */
export async function signInReply(call: Call, arrived: Arrived, config: string | null): Promise<Reply> {
  const { services, steps, model, caller } = call;
  call.credentials = await signedIn(services, steps, model, arrived, caller);
  const data = await services.hooks.answer(model, withoutTimes(call.credentials.account), call.action);
  return ok({ data, config: config ?? "default", ...(arrived.isNew ? { oauth_registration: true } : {}) });
}
