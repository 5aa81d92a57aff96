import type { FieldKey } from "../accounts/authentication-keys.js";
import type { ColumnKey } from "../accounts/column-list.js";
import type { Account, Model } from "../accounts/models.js";
import type { TokenHash } from "./token-hash.js";

/** An account with what only the server may see. */
export interface AccountRecord {
  readonly account: Account;
  readonly passwordHash: string | null;
  readonly confirmedAt: number | null;
  /** When it was locked; `null`: it is not, or its model is not lockable. A lock may have ended by itself meanwhile. */
  readonly lockedAt: number | null;
  /** Since when it is disabled; `null`: it is not, or its model is not disableable. */
  readonly disabledAt: number | null;
}

export interface NewAccount {
  readonly provider: string;
  readonly uid: string;
  readonly email: string | null;
  readonly passwordHash: string | null;
  readonly confirmed: boolean;
  /** The hash of the invitation that it is made by, which is used up in the same step. */
  readonly invitation?: string | undefined;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What an update may change; what is absent stays. */
export interface AccountChanges {
  readonly email?: string;
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly password?: PasswordChange;
  /** Whether an e-mail change that is under way is called off. */
  readonly cancelsEmailChange?: boolean;
  /** The session that asks: nothing is changed if it has ended, or is limited, by then. */
  readonly by?: string;
  /** The password hash that was read when it was asked: nothing is changed if it is another one by then. */
  readonly ifPasswordHash?: string | null;
}

export interface PasswordChange {
  readonly hash: string;
  /** The session that goes on. */
  readonly keep: string | null;
  /** The token that it goes on with: a new one that does not follow from the old one. Default: the one that it has. */
  readonly renewed?: { readonly tokenHash: TokenHash; readonly lifespan: number } | null;
  /** Whether the account's other sessions end in the same step. */
  readonly endOthers: boolean;
}

/** A change of Keyturn's own columns of an account, in one step: for features that keep something there. */
export interface ColumnChange {
  /** Counted up by one; an empty one begins at nothing. */
  readonly increment?: readonly ColumnKey[];
  /** Columns that take over what another one had before: `{ lastSignInAt: "currentSignInAt" }`. */
  readonly move?: { readonly [Column in ColumnKey]?: ColumnKey };
  /** `"now"`: the moment of the change. */
  readonly set?: { readonly [Column in ColumnKey]?: string | number | null };
}

/** A guess at a password that is about to be looked at. */
export interface CountedAttempt {
  /** Failures without a success in between that lock the account. */
  readonly limit: number;
  /** Further attempts that are looked at while it is locked: only so many can learn that it is. */
  readonly whileLocked: number;
  /** A lock that began at this moment or before has ended; `null`: it does not end by itself. */
  readonly endedBefore: number | null;
  /** One that began after this moment has ended too: the clock has been set back since. */
  readonly endedAfter?: number;
}

/**
 * What a counted attempt is worth. `open`: it is decided by the password; `count` attempts have failed, if this one does. `locked`: the
 * account is locked, whatever the password. `closed`: nothing may be looked at any more.
 */
export type AttemptOutcome =
  | { readonly is: "open"; readonly count: number }
  | { readonly is: "locked" }
  | { readonly is: "closed" };

/** Which accounts of a model a page shows. */
export interface AccountQuery {
  /** A text that the address, the uid or a text field has, in whatever case; `null`: all accounts. */
  readonly search: string | null;
  /** The id of the last account of the page before. */
  readonly after: string | null;
  readonly limit: number;
}

export interface AccountPage {
  /** In the order of their ids, so that one that is added meanwhile moves none to another page. */
  readonly records: readonly AccountRecord[];
  /** How many there are on all pages. */
  readonly total: number;
  readonly isLast: boolean;
}

export interface AccountStore {
  /**
   * Counts an attempt at the password of an account of a lockable model before it is looked at, as if it failed; the one that reaches the
   * limit locks the account. However many come at once, on however many servers: no more than `limit` are open.
   */
  countAttempt(model: Model, id: string, attempt: CountedAttempt): Promise<AttemptOutcome>;
  /** Nobody could look at an attempt that was counted: it counts for nothing, and neither does the lock that it has brought about. */
  withdrawAttempt(model: Model, id: string, limit: number): Promise<void>;
  /** An attempt that was open has succeeded: no failure counts any more, and there is no lock. */
  forgetFailures(model: Model, id: string): Promise<void>;
  /**
   * Disables an account of a disableable model: its sessions end and its links are void in the same step; until it is enabled none can be
   * opened. `false` if there is no such account, or it is so already.
   */
  disable(model: Model, id: string): Promise<boolean>;
  enable(model: Model, id: string): Promise<boolean>;
  /** Changes columns of an account. `false` if there is no such account. */
  writeColumns(model: Model, id: string, change: ColumnChange): Promise<boolean>;
  /**
   * `"taken"` when another account of the model has the address. Throws AuthError `invitation_invalid` when its invitation was used up, or
   * has expired, by then, and AuthError `invalid`, which names the field where it can, when
   * the database refuses another value.
   */
  create(model: Model, account: NewAccount): Promise<AccountRecord | "taken">;
  find(model: Model, id: string): Promise<AccountRecord | undefined>;
  /** The account that signs in as somebody of a provider; `"email"`: with its address. */
  findByUid(model: Model, provider: string, uid: string): Promise<AccountRecord | undefined>;
  findByEmail(model: Model, email: string): Promise<AccountRecord | undefined>;
  /** The account with this value of one of its model's keys, as it is compared. */
  findByKey(model: Model, key: FieldKey, value: string): Promise<AccountRecord | undefined>;
  /**
   * All changes or none. A changed address takes the uid along; sessions remember the uid that their clients know. `"taken"` and
   * errors as of `create`.
   */
  update(model: Model, id: string, changes: AccountChanges): Promise<AccountRecord | "taken" | undefined>;
  /** Confirms the address, and ends the links that would. `false` if there is no such account, or it is confirmed. */
  confirm(model: Model, id: string): Promise<boolean>;
  /** Throws a TypeError when `after` cannot be an id of the model. */
  list(model: Model, query: AccountQuery): Promise<AccountPage>;
  /** Replaces a hash by a better one of the same password, unless the password changed meanwhile. */
  rehash(model: Model, id: string, from: string, to: string): Promise<void>;
  /** Deletes an account whose address is not confirmed, with its sessions, tickets and identities. `false` if there is none, it is confirmed, or the database does not let it go. */
  deleteUnconfirmed(model: Model, id: string): Promise<boolean>;
  /**
   * Deletes the account with its sessions, tickets and identities. `false` if there is none, or if the session that asks (`by`) has ended, or is
   * limited, by then. Throws AuthError `account_in_use` if the database does not let it go: a row of the app's own refers to it.
   */
  delete(model: Model, id: string, by?: string): Promise<boolean>;
}
