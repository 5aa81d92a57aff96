import { AuthError } from "../../errors.js";
import { found, type RegistrationStep, type SignInStep } from "../steps.js";
import { tellOfFailures } from "./notice.js";
import type { RateLimitName } from "./settings.js";

/** Of sign-ins with any result: it keeps hashing bounded, so it holds for every device. */
const ofAll: RateLimitName = "signInsByAddress";

/**
 * Refuses a sign-in where a limit is met, before anything is looked up. Unknown addresses are counted like known ones. Whoever shows the mark
 * of a device is refused a step later, unless it is known.
 */
export const limitSignIn: SignInStep = async (attempt) => {
  const { services, model, caller, email, password } = attempt;
  // Without a password it is no guess.
  const guessed = password === undefined ? undefined : email;
  try {
    attempt.counted = await services.limits.signIn(model, guessed, caller);
  } catch (error) {
    if (!(error instanceof AuthError) || !error.limit || error.limit.name === ofAll) throw error;
    if (error.limit.name === ("signInFailuresByAccount" satisfies RateLimitName)) tellOfFailures(attempt);
    if (caller.deviceMark === undefined) throw error;
    attempt.refusal = error;
  }
};

/** Keeps the failure counted, or takes it back. */
export const countOutcome: SignInStep = async (attempt) => {
  const guesses = new Set([found(attempt, "counted"), attempt.deviceGuess]);
  for (const guess of guesses) await (attempt.isPasswordRight ? guess?.succeeded() : guess?.failed());
};

/** Refuses a registration whose confirmation mail would be one too many for its address. */
export const limitConfirmationMail: RegistrationStep = async (attempt) => {
  const { services, model } = attempt;
  if (!model.confirmable || attempt.skipsConfirmation) return;
  await services.limits.mail(model, found(attempt, "checked").email, "registration");
};
