import type { Model } from "../../accounts/models.js";
import type { AccountRecord } from "../../database/account-port.js";
import type { Authentication } from "../../engine/authentication.js";
import type { Steps } from "../call.js";
import type { Caller } from "../caller.js";
import { openSession } from "../open-session.js";
import type { Services } from "../services.js";
import { runSteps, type SignInAttempt } from "../steps.js";

/** Opens a session for somebody whom a provider has named, with everything that follows a sign-in. */
export async function signedIn(
  services: Services,
  steps: Steps,
  model: Model,
  record: AccountRecord,
  caller: Caller,
): Promise<Authentication> {
  const authentication = await openSession(services, model, record.account, caller);
  const attempt: SignInAttempt = {
    services,
    model,
    caller,
    email: record.account.email ?? undefined,
    password: undefined,
    record,
    authentication,
  };
  await runSteps(steps.providerSignIn, attempt);
  return authentication;
}
