import type {
  AccountOf,
  FieldsOf,
  ModelConfig,
  ModelsConfig,
  NamedAccount,
  Shown,
} from "../accounts/models.js";
import type { KnownDevice } from "../database/device-port.js";
import type { ListedSession } from "../database/port.js";
import type { AccountRef } from "./find.js";

/**
 * What the app's own code can do with accounts, an administrator's work too. No session is needed. Changes pass the checks, run the hooks
 * and are reported as events, as those of the routes are; the events say who made them.
 */
export interface Accounts<M extends ModelsConfig> {
  /**
   * Returns the account of an id, or of one of the model's `authenticationKeys`, with its own fields; or `undefined`. Never a password hash.
   *
   * @example
   * const ada = await auth.accounts.find("user", 7);
   * const same = await auth.accounts.find("user", { email: "ada@example.com" });
   */
  find<Name extends keyof M & string>(
    model: Name,
    account: number | bigint | string | NamedAccount<M[Name]>,
  ): Promise<AccountOf<M[Name]> | undefined>;
  /** The same by its e-mail address, which is trimmed and written in lower case first, as at sign-in. */
  findByEmail<Name extends keyof M & string>(
    model: Name,
    email: string,
  ): Promise<AccountOf<M[Name]> | undefined>;
  /** Whether an account is confirmed, locked and disabled, and since when; `undefined` if there is none. */
  state(model: keyof M & string, account: AccountRef): Promise<AccountState | undefined>;
  /**
   * A page of a model's accounts, with their state, in the order of their ids. A page goes on behind an account, so that none is left out or
   * shown twice while others are added. Throws a TypeError for a `limit` that is none, a `search` that is
   * too long, or an `after` that cannot be an id of the model.
   *
   * @example
   * const first = await auth.accounts.list("user", { search: "ada" });
   * const second = first.next && (await auth.accounts.list("user", { search: "ada", after: first.next }));
   */
  list<Name extends keyof M & string>(model: Name, query?: ListQuery): Promise<AccountList<M[Name]>>;
  /**
   * Makes an account, as registering does, but also where registration is closed; it may write every field. One with a password gets the mail
   * that confirms its address, where the model is confirmable. One without can be sent a link to set it: `mailPasswordLink`.
   * Throws an AuthError `invalid`, and `mail_unavailable`: then there is no account.
   *
   * @example
   * const admin = await auth.accounts.create("admin", { email: "ada@example.com", password }, { confirmed: true });
   */
  create<Name extends keyof M & string>(
    model: Name,
    values: NewAccountValues<M[Name]>,
    options?: CreateOptions,
  ): Promise<AccountOf<M[Name]>>;
  /**
   * Makes an invitation, for you to hand over: a model with `registration: "invitation"` lets in whoever signs up with its token, once.
   * One that names an address is for that address only; fields that it names are the new account's. Throws an AuthError `invalid` or
   * `redirect_refused`.
   *
   * @example
   * const { token } = await auth.accounts.createInvitation("user", { plan: "team" }, { expiresIn: "1d" });
   */
  createInvitation<Name extends keyof M & string>(
    model: Name,
    values?: AccountValues<M[Name]>,
    options?: InvitationOptions,
  ): Promise<CreatedInvitation>;
  /**
   * Mails an invitation to the address that it is for. Whoever signs up with it need not confirm the address: the mail has proved it. Throws
   * an AuthError `invalid`, `redirect_missing`, `redirect_refused` or `mail_unavailable`: then there is no invitation.
   */
  mailInvitation<Name extends keyof M & string>(
    model: Name,
    values: Omit<NewAccountValues<M[Name]>, "password">,
    options?: InvitationOptions,
  ): Promise<MailedInvitation>;
  /** Takes an invitation back by its `id`. `false` if it was used, has expired, or there is none. */
  withdrawInvitation(model: keyof M & string, id: string, options?: ByOptions): Promise<boolean>;
  /**
   * Changes fields, also those that clients cannot write, and the address. Where the model is reconfirmable, a new address is the account's
   * once the link that is mailed to it was opened. Throws an AuthError `invalid`, `mail_unavailable` or `account_not_found`.
   */
  update<Name extends keyof M & string>(
    model: Name,
    account: AccountRef,
    values: AccountValues<M[Name]>,
    options?: UpdateOptions,
  ): Promise<AccountOf<M[Name]>>;
  /**
   * Sets a password that obeys the policy. Every session ends, links are void, and the owner is told by mail. Throws an AuthError `invalid`,
   * `account_not_found`, or `password_not_required` for an account that signs in with a provider.
   */
  setPassword(
    model: keyof M & string,
    account: AccountRef,
    password: string,
    options?: ByOptions,
  ): Promise<void>;
  /**
   * Mails the owner the link that sets a new password, the same as `POST /password` sends. Throws an AuthError `account_not_found`,
   * `disabled`, `password_not_required`, `redirect_missing`, `redirect_refused` or `mail_unavailable`.
   */
  mailPasswordLink(model: keyof M & string, account: AccountRef, options?: LinkOptions): Promise<void>;
  /** Returns such a link, for you to hand over. Whoever has it has the account. Throws as `mailPasswordLink` does. */
  createPasswordLink(model: keyof M & string, account: AccountRef, options?: LinkOptions): Promise<string>;
  /** Confirms an account's address; the links that would are void. Throws an AuthError `account_not_found` if there is none. */
  confirm(model: keyof M & string, account: AccountRef, options?: ByOptions): Promise<void>;
  /**
   * Shuts an account of a `disableable` model out: its sessions end and its links are void in one transaction, and no sign-in, reset,
   * confirmation, unlock or provider opens another until `enable`. Throws an AuthError `account_not_found` if there is none, and a TypeError
   * for a model that is not disableable.
   */
  disable(model: keyof M & string, account: AccountRef, options?: ByOptions): Promise<void>;
  /** Lets a disabled account in again; its sessions and links are gone all the same. Throws as `disable` does. */
  enable(model: keyof M & string, account: AccountRef, options?: ByOptions): Promise<void>;
  /**
   * Takes away the lock of an account of a `lockable` model, and the failures that led to it. Throws an AuthError `account_not_found`
   * if there is none, and a TypeError for a model that is not lockable.
   */
  unlock(model: keyof M & string, account: AccountRef, options?: ByOptions): Promise<void>;
  /**
   * Deletes an account with its sessions, links and identities, in one transaction, and runs the hook `afterDelete`. Throws an AuthError
   * `account_not_found` if there is none, and `account_in_use` if rows of your own refer to it and the database does not let it go.
   */
  delete(model: keyof M & string, account: AccountRef, options?: ByOptions): Promise<void>;
  /** The account's sessions, without secrets, the latest used first. None for an account that does not exist. */
  listSessions(model: keyof M & string, account: AccountRef): Promise<readonly ListedSession[]>;
  /**
   * Ends all of the account's sessions, or the one of `client`, at once and on every server. Returns how many: 0 for what does not exist.
   *
   * @example
   * await auth.accounts.endSessions("user", account); // sign out everywhere
   */
  endSessions(
    model: keyof M & string,
    account: AccountRef,
    options?: ByOptions & { readonly client?: string },
  ): Promise<number>;
  /** Ends every session of every account of a model, as after the restore of a backup. Returns how many. */
  endAllSessions(model: keyof M & string, options?: ByOptions): Promise<number>;
  /** The devices that have signed in to an account and are still known, the latest seen first. None for an account that does not exist. */
  listKnownDevices(model: keyof M & string, account: AccountRef): Promise<readonly KnownDevice[]>;
  /**
   * Forgets all of the account's known devices, or the one of `id`: at their next sign-in they are unknown. Sessions go on. Returns how
   * many: 0 for what does not exist.
   */
  forgetKnownDevices(
    model: keyof M & string,
    account: AccountRef,
    options?: ByOptions & { readonly id?: string },
  ): Promise<number>;
}

/** For the events: on whose behalf your code does it. */
export interface ByOptions {
  /** @example "support: Lea" */
  readonly actor?: string;
}

export interface LinkOptions extends ByOptions {
  /** Where the link leads: has to be in the `redirectAllowlist`. Default: `defaultPasswordResetUrl`, `defaultConfirmSuccessUrl`. */
  readonly redirectUrl?: string;
}

export interface InvitationOptions extends ByOptions {
  /** The page that the link leads to: has to be in the `redirectAllowlist`. Default: `defaultInvitationUrl`. */
  readonly redirectUrl?: string;
  /** How long it is good for: `"1d"`. Default: `acceptInvitationWithin`. */
  readonly expiresIn?: string | number;
}

export interface MailedInvitation {
  /** Names it for `withdrawInvitation`. It is no secret. */
  readonly id: string;
  /** ISO 8601. */
  readonly expiresAt: string;
}

export interface CreatedInvitation extends MailedInvitation {
  /** What the sign-up sends as `invitation_token`. */
  readonly token: string;
  /** The link with the token in it; `undefined` where neither `redirectUrl` nor `defaultInvitationUrl` names a page for it. */
  readonly link: string | undefined;
}

export interface CreateOptions extends LinkOptions {
  /** The address needs no confirmation. Default `false`. */
  readonly confirmed?: boolean;
  /** Whether the mail that confirms the address goes out now. Default: with a password, yes; without one, no. */
  readonly mail?: boolean;
}

export interface UpdateOptions extends LinkOptions {
  /** The new address is the account's at once. Default `false`. */
  readonly confirmed?: boolean;
}

/** What `update` takes; what is absent or undefined stays. */
export type AccountValues<M extends ModelConfig> = Shown<
  { readonly email?: string | undefined } & {
    readonly [F in keyof FieldsOf<M>]?: FieldsOf<M>[F] | undefined;
  }
>;

/** What `create` takes. */
export type NewAccountValues<M extends ModelConfig> = Shown<
  { readonly email: string; readonly password?: string | undefined } & Omit<AccountValues<M>, "email">
>;

export interface ListQuery {
  /** Shows accounts with this text in their address, their uid or a text field of theirs, whatever the case. No character stands for others. At most 255 characters. */
  readonly search?: string;
  /** Accounts on a page, 1 to 1000. Default `50`. */
  readonly limit?: number;
  /** The last account of the page before: what it says as `next`. */
  readonly after?: AccountRef;
}

/** Times in ISO 8601; `null`: it is not. */
export interface AccountState {
  readonly confirmedAt: string | null;
  /** A lock may have ended by itself meanwhile. */
  readonly lockedAt: string | null;
  readonly disabledAt: string | null;
}

export interface AccountList<M extends ModelConfig> {
  readonly accounts: readonly (AccountState & { readonly account: AccountOf<M> })[];
  /** How many there are on all pages. */
  readonly total: number;
  /** What the next page takes as `after`; `undefined`: this is the last. */
  readonly next: number | string | undefined;
}
