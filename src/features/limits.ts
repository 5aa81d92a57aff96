import type { Account, Model } from "../accounts/models.js";
import type { Caller } from "./caller.js";

/** What a request may be one of too many of, by the address that it comes from. */
export type LimitedRequest = "registration" | "mail" | "link" | "provider";

/** `"registration"`: the confirmation mail that a registration sends; `"confirmation"`: the one that is asked for again. */
export type LimitedMail = "registration" | "confirmation" | "password_reset" | "unlock" | "email_change";

/** What an account's own session changes, and what its address is told of by mail. */
export type LimitedChange = "password" | "email" | "identity";

/** An attempt at a password that was counted as a failure before the password was looked at. */
export interface CountedGuess {
  /** It has failed. */
  failed(): Promise<void>;
  /** It was no failure, and those before it no longer count for this account. */
  succeeded(): Promise<void>;
  /** Nobody could look at the password: it counts for nothing. */
  withdrawn(): Promise<void>;
}

/** The rate limits, as the features ask them. All throw AuthError `too_many_requests` where a limit is met. */
export interface Limits {
  request(kind: LimitedRequest, model: Model, caller: Caller): Promise<void>;
  /**
   * A mail that a stranger can cause. Counted by what was asked for, whether or not there is such an account; each model and each
   * kind for itself, so that requests for one link take away no other.
   */
  mail(model: Model, recipient: string, kind: LimitedMail): Promise<void>;
  /**
   * A change that the account's address is told of. Nobody may have proved that address, so it is counted by recipient: a new account
   * with the same address begins with no new count. The change is refused, and not the notice dropped: a thief could use them up.
   */
  change(model: Model, account: Account, kind: LimitedChange): Promise<void>;
  /** A sign-in, whatever comes of it. */
  signInRequest(model: Model, caller: Caller): Promise<void>;
  /** A guess at a password. `account`: whose failures it counts with. */
  guess(model: Model, account: string, caller: Caller): Promise<CountedGuess>;
  /**
   * An attempt of a device that has signed in to the account before, by its hash: where others have used up what everybody may do.
   * `undefined`: such devices have no allowance of their own.
   */
  knownDevice(model: Model, device: string): Promise<CountedGuess | undefined>;
  /** A check of the current password. */
  currentPassword(model: Model, accountId: string): Promise<CountedGuess>;
}

const nothing = async (): Promise<void> => undefined;

/** What is no guess. */
export const uncounted: CountedGuess = { failed: nothing, succeeded: nothing, withdrawn: nothing };

/** No limits at all. */
export const noLimits: Limits = {
  request: nothing,
  mail: nothing,
  change: nothing,
  signInRequest: nothing,
  guess: async () => uncounted,
  knownDevice: async () => undefined,
  currentPassword: async () => uncounted,
};
