import { needInvitation } from "../invitation.js";
import type { RegistrationStep } from "../steps.js";

/** Finds the invitation of a sign-up that needs one, before anything of it is looked at. */
export const findInvitation: RegistrationStep = async (attempt) => {
  const invitation = await needInvitation(attempt, attempt.signUp.invitation);
  if (invitation) attempt.invitation = invitation;
};

/** An invitation that was mailed to the address proves it: its owner need not open a second mail. */
export const trustInvitation: RegistrationStep = (attempt) => {
  if (attempt.invitation?.isProof) attempt.skipsConfirmation = true;
};
