import { AuthError } from "../../errors.js";
import { type AccountName, countedName, findNamed, hasFieldKeys } from "../account-names.js";
import { uncounted } from "../limits.js";
import { found, type RegistrationStep, type SignInAttempt, type SignInStep } from "../steps.js";
import { tellOfFailures } from "./notice.js";
import type { RateLimitName } from "./settings.js";

/** Of sign-ins with any result: it keeps hashing bounded, so it holds for every device. */
const ofAll: RateLimitName = "signInsByAddress";

/** Refuses a sign-in of an address that has met a limit, before anything is looked up. */
export const limitSignIn: SignInStep = (attempt) =>
  unlessKnown(attempt, () => attempt.services.limits.signInRequest(attempt.model, attempt.caller));

/** Counts the guess, and refuses it where a limit is met. Unknown names are counted like known ones. */
export const countGuess: SignInStep = async (attempt) => {
  const { services, model, caller, name, password, refusal } = attempt;
  attempt.counted = uncounted;
  // Without a password it is no guess.
  if (refusal || password === undefined || name === undefined) return;
  await unlessKnown(attempt, async () => {
    attempt.counted = await services.limits.guess(model, await accountGuessed(attempt, name), caller);
  });
};

/** Whoever shows the mark of a device is refused later, unless it is known. */
async function unlessKnown(attempt: SignInAttempt, limit: () => Promise<void>): Promise<void> {
  try {
    await limit();
  } catch (error) {
    if (!(error instanceof AuthError) || !error.limit || error.limit.name === ofAll) throw error;
    if (error.limit.name === ("signInFailuresByAccount" satisfies RateLimitName)) tellOfFailures(attempt);
    if (attempt.caller.deviceMark === undefined) throw error;
    attempt.refusal = error;
  }
}

/**
 * Which account's failures a guess is counted with. An account that has several names has one counter, or each of them would give a guesser
 * as many attempts again. In paranoid mode it has one for each: a limit that is met must not tell that two names are one person's.
 */
async function accountGuessed(attempt: SignInAttempt, name: AccountName): Promise<string> {
  const { services, model } = attempt;
  if (!hasFieldKeys(model) || services.settings.paranoid) return countedName(name);
  attempt.record = await findNamed(services, model, name);
  attempt.isLookedUp = true;
  // A text that somebody types must not be counted as an account's id.
  return attempt.record ? `account ${attempt.record.account.id}` : `nobody ${countedName(name)}`;
}

/** Keeps the failure counted, or takes it back. */
export const countOutcome: SignInStep = async (attempt) => {
  const guesses = new Set([found(attempt, "counted"), attempt.deviceGuess]);
  for (const guess of guesses) await (attempt.isPasswordRight ? guess?.succeeded() : guess?.failed());
  if (!attempt.isPasswordRight) await attempt.services.bots.failed();
};

/** Takes the guess back. */
export const withdrawGuess: SignInStep = async ({ counted, deviceGuess }) => {
  for (const guess of new Set([counted, deviceGuess])) await guess?.withdrawn();
};

/** Refuses a registration whose confirmation mail would be one too many for its address. */
export const limitConfirmationMail: RegistrationStep = async (attempt) => {
  const { services, model } = attempt;
  if (!model.confirmable || attempt.skipsConfirmation) return;
  await services.mailTotal.refuseIfSpent("strangers");
  await services.limits.mail(model, found(attempt, "checked").email, "registration");
};
