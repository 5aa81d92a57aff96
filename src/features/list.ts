import { accountUpdate } from "./account-update/account-update.js";
import { checkBot } from "./bot-checks/steps.js";
import { confirmable } from "./confirmable/confirmable.js";
import { mailConfirmationLink, refuseUnconfirmed } from "./confirmable/steps.js";
import { devices } from "./devices/devices.js";
import { disableable } from "./disableable/disableable.js";
import { refuseDisabled } from "./disableable/steps.js";
import { emailChangedNotice, emailChangeInstructions } from "./email-change.js";
import type { Feature, Route } from "./feature.js";
import { identityAddedNotice, identityRemovedNotice } from "./identity-notices.js";
import { invitations } from "./invitations/invitations.js";
import { findInvitation, trustInvitation } from "./invitations/steps.js";
import { knownDevices } from "./known-devices/known-devices.js";
import { recogniseDevice, tellOfNewDevice } from "./known-devices/steps.js";
import { lockable } from "./lockable/lockable.js";
import {
  announceLock,
  countAttempt,
  forgetFailures,
  refuseLocked,
  withdrawAttempt,
} from "./lockable/steps.js";
import type { MailKind } from "./mail-kind.js";
import { passwordChangedNotice } from "./new-password.js";
import { omniauthable } from "./omniauthable/omniauthable.js";
import { startProviderSession } from "./omniauthable/signed-in.js";
import { signInFailuresNotice } from "./rate-limits/mails.js";
import {
  countGuess,
  countOutcome,
  limitConfirmationMail,
  limitSignIn,
  withdrawGuess,
} from "./rate-limits/steps.js";
import { recoverable } from "./recoverable/recoverable.js";
import { freeAddress } from "./registration/abandoned.js";
import { registration } from "./registration/registration.js";
import {
  announceRegistration,
  askApp,
  checkNewAccount,
  checkSignUp,
  createAccount,
  hashPassword,
  refuseBreached,
  signInUnlessConfirmable,
} from "./registration/steps.js";
import { signIn } from "./sign-in/sign-in.js";
import {
  announceSignIn,
  findAccount,
  refuseWrongPassword,
  startSession,
  strengthenHash,
  verifyPassword,
} from "./sign-in/steps.js";
import type { SiteRoute } from "./site-route.js";
import type { RegistrationStep, SignInStep } from "./steps.js";
import { trackRegistration, trackSignIn } from "./trackable/steps.js";
import { trackable } from "./trackable/trackable.js";

/** Every feature. A new one is a folder and a line here. */
const features: readonly Feature[] = [
  registration,
  signIn,
  confirmable,
  recoverable,
  lockable,
  accountUpdate,
  devices,
  knownDevices,
  trackable,
  disableable,
  invitations,
  // Its routes begin with a provider's name, so they come last.
  omniauthable,
];

/** A sign-in with a password, from the first step to the last. */
export const signInSteps: readonly SignInStep[] = [
  limitSignIn,
  checkBot,
  countGuess,
  findAccount,
  recogniseDevice,
  countAttempt,
  verifyPassword,
  countOutcome,
  announceLock,
  refuseWrongPassword,
  refuseLocked,
  forgetFailures,
  refuseDisabled,
  refuseUnconfirmed,
  strengthenHash,
  startSession,
  announceSignIn,
  trackSignIn,
  tellOfNewDevice,
];

/** What was counted of a sign-in whose password nobody could look at counts for nothing. */
export const signInWithdrawalSteps: readonly SignInStep[] = [withdrawGuess, withdrawAttempt];

/** A registration, up to the moment from which it matters whether the address is taken. */
export const registrationChecks: readonly RegistrationStep[] = [
  findInvitation,
  checkSignUp,
  refuseBreached,
  askApp,
  trustInvitation,
  limitConfirmationMail,
  hashPassword,
];

/** The rest of it. */
export const registrationSteps: readonly RegistrationStep[] = [
  freeAddress,
  createAccount,
  mailConfirmationLink,
  announceRegistration,
  signInUnlessConfirmable,
  trackRegistration,
];

/** An account that the app's own code makes, or somebody at the command line: no limits, and nobody is signed in. */
export const appRegistrationSteps: readonly RegistrationStep[] = [
  checkNewAccount,
  refuseBreached,
  askApp,
  hashPassword,
  freeAddress,
  createAccount,
  mailConfirmationLink,
  announceRegistration,
];

/** A sign-in with a provider, once it has named an account. A lock is for guesses at the password, so it does not stand in the way. */
export const providerSignInSteps: readonly SignInStep[] = [
  refuseDisabled,
  startProviderSession,
  announceSignIn,
  trackSignIn,
  tellOfNewDevice,
];

/** What follows when a provider's word has made an account. */
export const providerRegistrationSteps: readonly RegistrationStep[] = [
  mailConfirmationLink,
  announceRegistration,
];

/** Every route beside the models' mount points. */
export const siteRoutes: readonly SiteRoute[] = features.flatMap((feature) => feature.siteRoutes ?? []);

/** Every route, in the order in which the description shows them. */
export const routes: readonly Route[] = features.flatMap((feature) => feature.routes ?? []);

/** Every mail: the features' own, and those that several of them send. */
export const mailKinds: readonly MailKind[] = [
  ...features.flatMap((feature) => feature.mails ?? []),
  emailChangeInstructions,
  emailChangedNotice,
  passwordChangedNotice,
  signInFailuresNotice,
  identityAddedNotice,
  identityRemovedNotice,
];
