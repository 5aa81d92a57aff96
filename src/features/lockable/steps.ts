import type { AccountRecord } from "../../database/account-port.js";
import type { Store } from "../../database/port.js";
import { AuthError } from "../../errors.js";
import { accountIds, addressOf } from "../../events.js";
import { found, refusedSignIn, type SignInAttempt, type SignInStep } from "../steps.js";
import { createUnderWay, type UnderWay } from "../under-way.js";
import { endedLocks, mailUnlock, unlocksByMail } from "./unlock.js";

/** Attempts under way at the accounts of a store. */
const underWay = new WeakMap<Store, UnderWay>();

function underWayAt(store: Store): UnderWay {
  const known = underWay.get(store) ?? createUnderWay();
  underWay.set(store, known);
  return known;
}

/**
 * Counts the attempt before the password is looked at, as if it failed: of many at one moment, no more than the limit are looked at. While
 * an account is locked, as many more are, whose right password learns of the lock; then none, and all learn nothing.
 */
export const countAttempt: SignInStep = async (attempt) => {
  if (!attempt.model.lockable || !attempt.record || attempt.password === undefined) return;
  await countAt(attempt, attempt.record);
  if (attempt.lock !== "open") await passWithAllowance(attempt);
};

async function countAt(attempt: SignInAttempt, record: AccountRecord): Promise<void> {
  const { services, model } = attempt;
  const { accounts } = services.store;
  const limit = services.settings.maximumAttempts;
  const id = String(record.account.id);
  const others = underWayAt(services.store);
  const name = `${model.name} ${id}`;
  for (let lockedAt = record.lockedAt; ; ) {
    const end = others.begin(name);
    const outcome = await accounts
      .countAttempt(model, id, {
        limit,
        whileLocked: limit,
        ...(lockedAt === null ? { endedBefore: null } : endedLocks(services)),
      })
      .catch((error: unknown) => {
        end(false);
        throw error;
      });
    attempt.lock = outcome.is;
    attempt.locksIfWrong = outcome.is === "open" && outcome.count >= limit;
    attempt.endLockAttempt = end;
    if (outcome.is === "open") return;
    end(false);
    // Others at this moment may have used up what is left, and be right: then there is no lock after all.
    if (!(await others.success(name))) return;
    lockedAt = (await accounts.find(model, id))?.lockedAt ?? null;
    if (lockedAt !== null) return;
  }
}

/**
 * Others have locked the account: a device that has signed in before may go on, with few guesses that are counted for it alone. The lock stays
 * whatever comes of them, or its owner's sign-ins would give the guesser new ones.
 */
async function passWithAllowance(attempt: SignInAttempt): Promise<void> {
  const { services, model, device } = attempt;
  if (device === undefined) return;
  attempt.deviceGuess ??= await services.limits.knownDevice(model, device).catch(usedUp);
  if (attempt.deviceGuess) attempt.lock = "passed";
}

// Then it is refused as every other one is.
function usedUp(error: unknown): undefined {
  if (!(error instanceof AuthError && error.code === "too_many_requests")) throw error;
}

/** Reports the failure that locked the account, and mails its owner the way back. The response does not wait for the mail. */
export const announceLock: SignInStep = (attempt) => {
  const { services, model, caller, record, isPasswordRight, locksIfWrong } = attempt;
  if (!isPasswordRight) attempt.endLockAttempt?.(false);
  if (isPasswordRight || !locksIfWrong || !record) return;
  const { account, confirmedAt } = record;
  services.emit("account.locked", { ...accountIds(model, account), ...addressOf(caller) });
  if (account.email === null || !unlocksByMail(services)) return;
  // Once for each lock, and beyond the limits of mails: strangers could use those up, and the owner would have no way back.
  services.afterResponse(() =>
    mailUnlock(services, model, account, services.settings.defaultUnlockSuccessUrl, undefined, {
      // Whoever guesses passwords does not choose the language of the mail.
      header: () => undefined,
      provenSince: confirmedAt,
    }),
  );
};

/** Refuses a locked account. Only whoever knows the password is told, and in paranoid mode nobody. */
export const refuseLocked: SignInStep = async (attempt) => {
  if (attempt.lock !== "locked") return;
  const { services, model } = attempt;
  // On another server the right password may have ended the lock since.
  const now = await services.store.accounts.find(model, String(found(attempt, "record").account.id));
  if (now?.lockedAt === null) {
    attempt.lock = "open";
    return;
  }
  const { paranoid } = services.settings;
  throw refusedSignIn(attempt, paranoid ? "invalid_credentials" : "locked", "locked");
};

/** Nobody could look at the password. */
export const withdrawAttempt: SignInStep = async ({ services, model, record, lock, endLockAttempt }) => {
  if (!record || (lock !== "open" && lock !== "locked")) return;
  const { maximumAttempts } = services.settings;
  await services.store.accounts.withdrawAttempt(model, String(record.account.id), maximumAttempts);
  endLockAttempt?.(true);
};

/** The attempt did not fail after all, and those before it no longer count. */
export const forgetFailures: SignInStep = async (attempt) => {
  if (attempt.lock !== "open") return;
  const { account } = found(attempt, "record");
  await attempt.services.store.accounts.forgetFailures(attempt.model, String(account.id));
  attempt.endLockAttempt?.(true);
};
