import { found, refusedSignIn, type SignInStep } from "../steps.js";

/** Refuses an account that is disabled. Only whoever knows the password is told, and in paranoid mode nobody. */
export const refuseDisabled: SignInStep = (attempt) => {
  if (found(attempt, "record").disabledAt === null) return;
  const { paranoid } = attempt.services.settings;
  throw refusedSignIn(attempt, paranoid ? "invalid_credentials" : "disabled", "disabled");
};
