import {
  type Checks,
  checkEmail,
  checkFields,
  checkNewPassword,
  invalid,
  startChecks,
} from "../../accounts/validation.js";
import { accountIds, addressOf } from "../../events.js";
import { holdersOfNames } from "../account-names.js";
import { checkInvited } from "../invitation.js";
import { isBreached } from "../new-password.js";
import { openSession } from "../open-session.js";
import { found, type RegistrationAttempt, type RegistrationStep } from "../steps.js";
import { isAbandoned } from "./abandoned.js";

/** Checks every value, and whether the address is free, so that the client is told everything at once. */
export const checkSignUp: RegistrationStep = async (attempt) => {
  const { services, model, signUp, invitation } = attempt;
  const checks = startChecks();
  const email = checkEmail(signUp.email ?? invitation?.email ?? undefined, checks);
  checkInvited(attempt, invitation, email);
  const password = checkNewPassword(
    signUp.password,
    signUp.passwordConfirmation,
    services.settings,
    email,
    checks,
  );
  const values = { ...signUp.values, ...invitation?.fields };
  const fields = { ...checkFields(model, values, "sign_up", checks), ...invitation?.fields };
  const { bots } = services;
  if (bots.isGuarding) {
    // A mistake in the form costs no token, and without one nobody learns whose addresses are taken.
    checks.done({});
    await bots.check();
  }
  // Where taken addresses are not told, `createAccount` finds them out, once the response has left.
  await checkIsFree(attempt, attempt.hidesTaken ? undefined : email, fields, checks);
  attempt.checked = { ...checks.done({ email, password }), fields };
};

/** The same for an account that the app's own code makes: it may write every field, and leave the password for later. */
export const checkNewAccount: RegistrationStep = async (attempt) => {
  const { services, model, signUp } = attempt;
  const { password } = signUp;
  const checks = startChecks();
  const email = checkEmail(signUp.email, checks);
  if (password !== undefined) checkNewPassword(password, undefined, services.settings, email, checks);
  const fields = checkFields(model, signUp.values, "sign_up", checks, "app");
  await checkIsFree(attempt, email, fields, checks);
  const checked = checks.done({ email });
  attempt.checked = { ...checked, password: password === undefined ? undefined : String(password), fields };
};

async function checkIsFree(
  { services, model }: RegistrationAttempt,
  email: string | undefined,
  fields: Readonly<Record<string, unknown>>,
  checks: Checks,
): Promise<void> {
  const holder = email === undefined ? undefined : await services.store.accounts.findByEmail(model, email);
  if (holder && !(await isAbandoned(services, model, holder))) checks.add("email", { code: "taken" });
  for (const { field, record } of await holdersOfNames(services, model, fields))
    if (!(await isAbandoned(services, model, record))) checks.add(field, { code: "taken" });
}

/** Refuses a password that is known from a breach, where the app has a check for that. */
export const refuseBreached: RegistrationStep = async (attempt) => {
  const { password } = found(attempt, "checked");
  if (password === undefined) return;
  if (await isBreached(attempt.services, attempt.model, password)) throw invalid("password", "breached");
};

/** Lets the app refuse, or set more fields. */
export const askApp: RegistrationStep = async (attempt) => {
  const checked = found(attempt, "checked");
  const { services, model, signUp, origin } = attempt;
  const { email, fields } = checked;
  const decided = await services.hooks.beforeCreate(model, { email, fields, params: signUp.params, origin });
  attempt.checked = { ...checked, fields: decided.fields };
  attempt.skipsConfirmation = decided.skipsConfirmation;
};

/** Hashes the password. */
export const hashPassword: RegistrationStep = async (attempt) => {
  const { password } = found(attempt, "checked");
  if (password !== undefined) attempt.passwordHash = await attempt.services.hasher.hash(password);
};

/** Writes the account. The database decides between two registrations of one address at the same moment. */
export const createAccount: RegistrationStep = async (attempt) => {
  const { services, model } = attempt;
  const { email, fields } = found(attempt, "checked");
  const created = await services.store.accounts.create(model, {
    provider: "email",
    uid: email,
    email,
    passwordHash: attempt.passwordHash ?? null,
    confirmed: !model.confirmable || attempt.confirmation === "done" || attempt.skipsConfirmation === true,
    fields,
    invitation: attempt.invitation?.hash,
  });
  if (created === "taken") throw invalid("email", "taken");
  attempt.record = created;
};

/** Reports the account, and tells the app. */
export const announceRegistration: RegistrationStep = async (attempt) => {
  const { services, model, caller, origin } = attempt;
  const { account } = found(attempt, "record");
  services.emit("account.registered", { ...accountIds(model, account), ...addressOf(caller) });
  await services.hooks.afterCreate(model, account, origin);
};

/** Signs an account in at once that has nothing to confirm. */
export const signInUnlessConfirmable: RegistrationStep = async (attempt) => {
  const { services, model, caller } = attempt;
  const { account, confirmedAt } = found(attempt, "record");
  if (model.confirmable && confirmedAt === null) return;
  attempt.authentication = (await openSession(services, model, account, caller)).authentication;
};
