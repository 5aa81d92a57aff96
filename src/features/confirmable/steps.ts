import { found, type RegistrationStep, refusedSignIn, type SignInStep } from "../steps.js";
import { mailConfirmation } from "./confirm.js";

/** Refuses an account that has not confirmed its address. Only whoever knows the password is told, and in paranoid mode nobody. */
export const refuseUnconfirmed: SignInStep = (attempt) => {
  const { services, model } = attempt;
  if (!model.confirmable || found(attempt, "record").confirmedAt !== null) return;
  throw refusedSignIn(
    attempt,
    services.settings.paranoid ? "invalid_credentials" : "unconfirmed",
    "unconfirmed",
  );
};

/** Mails the confirmation link. If the mail cannot be sent there is no account, or nobody could ever confirm or replace it. */
export const mailConfirmationLink: RegistrationStep = async (attempt) => {
  const { services, model, signUp } = attempt;
  const { account, confirmedAt } = found(attempt, "record");
  if (!model.confirmable || confirmedAt !== null || attempt.confirmation === "later") return;
  try {
    await mailConfirmation(services, model, account, signUp.confirmSuccessUrl, signUp.config);
  } catch (error) {
    // Some transports report a failure although the mail was delivered: an account that was confirmed meanwhile stays.
    const isGone = await services.store.accounts.deleteUnconfirmed(model, String(account.id));
    if (isGone && attempt.invitation)
      await services.store.flows.giveBack("invitation", attempt.invitation.hash);
    throw error;
  }
};
