import { found, type RegistrationStep, type SignInStep } from "../steps.js";

/** Refuses a sign-in where a limit is met, before anything is looked up. Unknown addresses are counted like known ones. */
export const limitSignIn: SignInStep = async (attempt) => {
  const { services, model, caller, email, password } = attempt;
  // Without a password it is no guess.
  const guessed = password === undefined ? undefined : email;
  attempt.counted = await services.limits.signIn(model, guessed, caller);
};

/** Keeps the failure counted, or takes it back. */
export const countOutcome: SignInStep = async (attempt) => {
  const counted = found(attempt, "counted");
  await (attempt.isPasswordRight ? counted.succeeded() : counted.failed());
};

/** Refuses a registration whose confirmation mail would be one too many for its address. */
export const limitConfirmationMail: RegistrationStep = async (attempt) => {
  const { services, model } = attempt;
  if (!model.confirmable || attempt.skipsConfirmation) return;
  await services.limits.mail(model, found(attempt, "checked").email, "registration");
};
