import { type AccountName, countedName, findNamed, hasFieldKeys } from "../account-names.js";
import { uncounted } from "../limits.js";
import { found, type RegistrationStep, type SignInAttempt, type SignInStep } from "../steps.js";

/** Refuses a sign-in of an address that has met a limit, before anything is looked up. */
export const limitSignIn: SignInStep = ({ services, model, caller }) =>
  services.limits.signInRequest(model, caller);

/** Counts the guess, and refuses it where a limit is met. Unknown names are counted like known ones. */
export const countGuess: SignInStep = async (attempt) => {
  const { services, model, caller, name, password } = attempt;
  // Without a password it is no guess.
  attempt.counted =
    password === undefined || name === undefined
      ? uncounted
      : await services.limits.guess(model, await accountGuessed(attempt, name), caller);
};

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
