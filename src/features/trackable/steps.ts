import type { Model } from "../../accounts/models.js";
import type { AccountRecord } from "../../database/account-port.js";
import type { Caller } from "../caller.js";
import type { Services } from "../services.js";
import { found, type RegistrationStep, type SignInStep } from "../steps.js";

/** Counts a sign-in, and keeps when and from where it and the one before came. */
export const trackSignIn: SignInStep = (attempt) =>
  track(attempt.services, attempt.model, found(attempt, "record"), attempt.caller);

/** The same for a registration that signs in at once. */
export const trackRegistration: RegistrationStep = async (attempt) => {
  if (attempt.authentication)
    await track(attempt.services, attempt.model, found(attempt, "record"), attempt.caller);
};

// A sign-in that could not be counted is a sign-in all the same.
async function track(
  { store, report }: Services,
  model: Model,
  { account }: AccountRecord,
  { address }: Caller,
): Promise<void> {
  if (!model.trackable) return;
  const change = {
    increment: ["signInCount"],
    move: { lastSignInAt: "currentSignInAt", lastSignInIp: "currentSignInIp" },
    set: { currentSignInAt: "now", currentSignInIp: address },
  } as const;
  try {
    await store.accounts.writeColumns(model, String(account.id), change);
  } catch (error) {
    report(error, "A sign-in could not be counted");
  }
}
