import { accountIds, addressOf } from "../../events.js";
import { found, refusedSignIn, type SignInStep } from "../steps.js";
import { endedBefore, mailUnlock, unlocksByMail } from "./unlock.js";

/**
 * Counts the attempt before the password is looked at, as if it failed: of many at one moment, no more than the limit are looked at. While
 * an account is locked, as many more are, whose right password learns of the lock; then none, and all learn nothing.
 */
export const countAttempt: SignInStep = async (attempt) => {
  const { services, model, record, password } = attempt;
  if (!model.lockable || !record || password === undefined) return;
  const limit = services.settings.maximumAttempts;
  const outcome = await services.store.accounts.countAttempt(model, String(record.account.id), {
    limit,
    whileLocked: limit,
    endedBefore: record.lockedAt === null ? null : endedBefore(services),
  });
  attempt.lock = outcome.is;
  attempt.locksIfWrong = outcome.is === "open" && outcome.count >= limit;
};

/** Reports the failure that locked the account, and mails its owner the way back. The response does not wait for the mail. */
export const announceLock: SignInStep = (attempt) => {
  const { services, model, caller, record, isPasswordRight, locksIfWrong } = attempt;
  if (isPasswordRight || !locksIfWrong || !record) return;
  const { account } = record;
  services.emit("account.locked", { ...accountIds(model, account), ...addressOf(caller) });
  if (account.email === null || !unlocksByMail(services)) return;
  // Once for each lock, and beyond the limits of mails: strangers could use those up, and the owner would have no way back.
  services.afterResponse(() =>
    mailUnlock(services, model, account, services.settings.defaultUnlockSuccessUrl, undefined, {
      // Whoever guesses passwords does not choose the language of the mail.
      header: () => undefined,
    }),
  );
};

/** Refuses a locked account. Only whoever knows the password is told, and in paranoid mode nobody. */
export const refuseLocked: SignInStep = (attempt) => {
  if (attempt.lock !== "locked") return;
  const { paranoid } = attempt.services.settings;
  throw refusedSignIn(attempt, paranoid ? "invalid_credentials" : "locked", "locked");
};

/** The attempt did not fail after all, and those before it no longer count. */
export const forgetFailures: SignInStep = async (attempt) => {
  if (attempt.lock !== "open") return;
  const { account } = found(attempt, "record");
  await attempt.services.store.accounts.forgetFailures(attempt.model, String(account.id));
};
