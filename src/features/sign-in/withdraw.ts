import { runSteps, type SignInAttempt, type SignInStep } from "../steps.js";

/**
 * Takes back what was counted of a sign-in whose password nobody could look at, because the database or the queue of the hashes was not to be
 * had: people try again then, and programs do, and are not to be locked out for it.
 */
export async function withdraw(steps: readonly SignInStep[], attempt: SignInAttempt): Promise<void> {
  if (attempt.isPasswordRight !== undefined) return;
  try {
    await runSteps(steps, attempt);
  } catch (error) {
    attempt.services.report(error, "A sign-in that could not be looked at stays counted as a failure");
  }
}
