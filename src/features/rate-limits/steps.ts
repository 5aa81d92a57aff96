import { uncounted } from "../limits.js";
import { found, type RegistrationStep, type SignInStep } from "../steps.js";

/** Refuses a sign-in of an address that has met a limit, before anything is looked up. */
export const limitSignIn: SignInStep = ({ services, model, caller }) =>
  services.limits.signInRequest(model, caller);

/** Counts the guess, and refuses it where a limit is met. Unknown addresses are counted like known ones. */
export const countGuess: SignInStep = async (attempt) => {
  const { services, model, caller, email, password } = attempt;
  // Without a password it is no guess.
  attempt.counted =
    password === undefined || email === undefined
      ? uncounted
      : await services.limits.guess(model, email, caller);
};

/** Keeps the failure counted, or takes it back. */
export const countOutcome: SignInStep = async (attempt) => {
  const counted = found(attempt, "counted");
  if (attempt.isPasswordRight) return counted.succeeded();
  await counted.failed();
  await attempt.services.bots.failed();
};

/** Refuses a registration whose confirmation mail would be one too many for its address. */
export const limitConfirmationMail: RegistrationStep = async (attempt) => {
  const { services, model } = attempt;
  if (!model.confirmable || attempt.skipsConfirmation) return;
  await services.mailTotal.refuseIfSpent("strangers");
  await services.limits.mail(model, found(attempt, "checked").email, "registration");
};
