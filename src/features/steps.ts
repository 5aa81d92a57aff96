import type { AccountOrigin } from "../accounts/hooks.js";
import type { Model } from "../accounts/models.js";
import type { ParamValues } from "../accounts/overrides.js";
import type { AccountRecord } from "../database/account-port.js";
import type { Familiarity } from "../database/device-port.js";
import type { Authentication } from "../engine/authentication.js";
import { AuthError, type ErrorCode } from "../errors.js";
import { accountIds, addressOf } from "../events.js";
import type { AccountName } from "./account-names.js";
import type { Caller } from "./caller.js";
import type { Invitation } from "./invitation.js";
import type { CountedGuess } from "./limits.js";
import type { Services } from "./services.js";

/** A sign-in on its way through its steps. Each step reads what those before it found, and adds its own. */
export interface SignInAttempt {
  readonly services: Services;
  readonly model: Model;
  readonly caller: Caller;
  /** What the account is named by; `undefined`: nothing. */
  readonly name: AccountName | undefined;
  readonly password: string | undefined;
  /** The account of the name, whether or not the password is right. */
  record?: AccountRecord | undefined;
  /** Whether the account of the name was looked up, and perhaps not found. */
  isLookedUp?: boolean;
  /** The sign-in as the rate limits have counted it. */
  counted?: CountedGuess;
  /** The limit that the attempt has met, if only a known device may go on. */
  refusal?: AuthError;
  /** Hash of the device that asks, if it has signed in to the account before. */
  device?: string;
  /** The attempt as it was counted for that device alone. */
  deviceGuess?: CountedGuess | undefined;
  /** How the device was known that the session was opened with. */
  familiarity?: Familiarity | undefined;
  /**
   * What the attempt is worth, for a lockable model; with `"closed"` the password is not looked at. `"passed"`: the account is locked, and a
   * known device may go on all the same.
   */
  lock?: "open" | "locked" | "closed" | "passed";
  /** What to call when the outcome of an attempt at a lockable account is known. */
  endLockAttempt?: (succeeded: boolean) => void;
  /** Whether a wrong password is the one that locks the account. */
  locksIfWrong?: boolean;
  isPasswordRight?: boolean;
  /** The hash that the password was verified against. */
  verifiedHash?: string;
  /** The identity that a provider has named. */
  readonly identityId?: string;
  /** Whether that hash is weaker than those made today. */
  isHashWeak?: boolean;
  authentication?: Authentication;
}

/** One step of a sign-in. Throws an AuthError to refuse: `refusedSignIn` makes it. */
export type SignInStep = (attempt: SignInAttempt) => void | Promise<void>;

/** What a sign-up says. `values` holds the model's own fields, and whatever else was sent, which is ignored. */
export interface SignUp {
  readonly email: unknown;
  readonly password: unknown;
  readonly passwordConfirmation: unknown;
  readonly values: Readonly<Record<string, unknown>>;
  /** What the app permits for hooks of its own. */
  readonly params: ParamValues;
  /** Where the confirmation link leads; checked already. Models without confirmation need none. */
  readonly confirmSuccessUrl: string | undefined;
  readonly config: string | undefined;
  /** Hash of the invitation's token. */
  readonly invitation?: string | undefined;
}

/** A registration on its way through its steps. */
export interface RegistrationAttempt {
  readonly services: Services;
  readonly model: Model;
  readonly caller: Caller;
  readonly signUp: SignUp;
  readonly origin: AccountOrigin;
  /** What the app's own code says of the address: that it needs no confirmation, or that no mail goes out now. Default: one does. */
  readonly confirmation?: "done" | "later";
  /** Whether the response must not tell that the address is taken. */
  readonly hidesTaken?: boolean;
  /** The values that passed every check. */
  checked?: {
    readonly email: string;
    /** `undefined`: the account has none yet, which only the app's own code can wish. */
    readonly password: string | undefined;
    readonly fields: Readonly<Record<string, unknown>>;
  };
  /** The invitation that lets it in, of a model that needs one. */
  invitation?: Invitation;
  /** Whether the app vouches for the address. */
  skipsConfirmation?: boolean;
  passwordHash?: string;
  record?: AccountRecord;
  authentication?: Authentication;
}

/** One step of a registration. Throws AuthError `invalid` with everything that is wrong, or another AuthError. */
export type RegistrationStep = (attempt: RegistrationAttempt) => void | Promise<void>;

/** Takes an attempt through its steps, one after the other, until one throws. */
export async function runSteps<Attempt>(
  steps: readonly ((attempt: Attempt) => void | Promise<void>)[],
  attempt: Attempt,
): Promise<void> {
  for (const step of steps) await step(attempt);
}

/** What an earlier step has found. Throws a TypeError when the steps stand in a wrong order. */
export function found<Attempt extends object, Key extends keyof Attempt & string>(
  attempt: Attempt,
  key: Key,
): NonNullable<Attempt[Key]> {
  const value = attempt[key];
  if (value === undefined || value === null)
    throw new TypeError(`This step needs "${key}", which an earlier step has to find`);
  return value;
}

/** The error of a sign-in that is refused, after reporting it. */
export function refusedSignIn(
  { services, model, caller, record }: SignInAttempt,
  code: ErrorCode,
  reason?: string,
): AuthError {
  services.emit("sign_in.failed", {
    ...(record ? accountIds(model, record.account) : { model: model.name }),
    ...addressOf(caller),
    ...(reason === undefined ? {} : { reason }),
  });
  return new AuthError(code, { subject: record?.account.email ?? "" });
}
