import { accountIds, addressOf } from "../../events.js";
import { findNamed } from "../account-names.js";
import { openSession } from "../open-session.js";
import { found, refusedSignIn, type SignInStep } from "../steps.js";

/** Looks the name up, unless a limit needed to. An unknown one is refused later, after the work that a known one costs. */
export const findAccount: SignInStep = async (attempt) => {
  const { services, model, name, isLookedUp } = attempt;
  if (isLookedUp) return;
  attempt.record = name && (await findNamed(services, model, name));
};

/** Looks whether the password is right. An unknown address takes the same time, and so does an account that takes no guess. */
export const verifyPassword: SignInStep = async (attempt) => {
  const { services, record, password } = attempt;
  const hash = attempt.lock === "closed" ? undefined : (record?.passwordHash ?? undefined);
  const { valid, rehash } = await services.hasher.verify(hash, password ?? "");
  attempt.isPasswordRight = valid && password !== undefined && hash !== undefined;
  if (!attempt.isPasswordRight || hash === undefined) return;
  attempt.verifiedHash = hash;
  attempt.isHashWeak = rehash;
};

/** Refuses a wrong password and an unknown address alike. */
export const refuseWrongPassword: SignInStep = (attempt) => {
  if (!attempt.isPasswordRight) throw refusedSignIn(attempt, "invalid_credentials");
};

/** Replaces a hash that is weaker than those made today, now that the password is known. Without it, the sign-in goes on. */
export const strengthenHash: SignInStep = async (attempt) => {
  const { services, model, password, isHashWeak } = attempt;
  if (!isHashWeak || password === undefined) return;
  const weak = found(attempt, "verifiedHash");
  const { account } = found(attempt, "record");
  try {
    const strong = await services.hasher.hash(password);
    await services.store.accounts.rehash(model, String(account.id), weak, strong);
    attempt.verifiedHash = strong;
  } catch (error) {
    services.report(error, "A password hash could not be replaced by a stronger one");
  }
};

/** Opens the session, unless the password was changed since it was verified. */
export const startSession: SignInStep = async (attempt) => {
  const { services, model, caller } = attempt;
  const { account } = found(attempt, "record");
  const options = { passwordHash: found(attempt, "verifiedHash") };
  Object.assign(attempt, await openSession(services, model, account, caller, options));
};

/** Reports the sign-in. */
export const announceSignIn: SignInStep = (attempt) => {
  const { account } = found(attempt, "record");
  attempt.services.emit("sign_in.succeeded", {
    ...accountIds(attempt.model, account),
    ...addressOf(attempt.caller),
  });
};
