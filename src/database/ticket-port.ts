import type { Model } from "../accounts/models.js";
import type { AccountRecord, PasswordChange } from "./account-port.js";

/** What a one-time link is for. */
export type TicketKind = "confirmation" | "password_reset" | "email_change" | "unlock" | "new_device";

export interface Ticket {
  readonly hash: string;
  readonly kind: TicketKind;
  readonly accountId: string;
  /** The new address of an e-mail change. */
  readonly email: string | null;
  /** Of a new device: when its session was opened. */
  readonly since: number | null;
  /** When it was redeemed; `null`: not yet. */
  readonly usedAt: number | null;
}

export interface NewTicket {
  readonly hash: string;
  readonly kind: TicketKind;
  readonly accountId: string;
  readonly email: string | null;
  /** Milliseconds. */
  readonly lifespan: number;
  /** Of a new device: when its session was opened. */
  readonly since?: number;
  /** The session that asks for it, where one does: there is no ticket if it has ended, or is limited, by then. */
  readonly by?: string;
}

/** What `confirm` and `changeEmail` return: the account afterwards, and whether this visit was the one that did it. */
export interface Redeemed {
  readonly record: AccountRecord;
  readonly first: boolean;
}

/** One-time links. The store holds SHA-256 of their secret. */
export interface TicketStore {
  /**
   * Stores a ticket. The older ones of its kind go on until one of them is redeemed, and then all end together; of e-mail changes, those
   * to another address are gone. `false`: the session that asks has ended.
   */
  issue(model: Model, ticket: NewTicket): Promise<boolean>;
  /** The ticket, if it has not expired; used ones too. */
  find(model: Model, kind: TicketKind, hash: string): Promise<Ticket | undefined>;
  /** The account that an address waits to become the own one of: there is an e-mail change to it whose link has not expired. */
  findEmailChange(model: Model, email: string): Promise<AccountRecord | undefined>;
  /** Confirms the account's address. A second visit returns the same, with `first: false`. `undefined` when the ticket is unknown or expired. */
  confirm(model: Model, hash: string): Promise<Redeemed | undefined>;
  /** Unlocks the account. A second visit returns the same, with `first: false`, and unlocks nothing. */
  unlock(model: Model, hash: string): Promise<Redeemed | undefined>;
  /**
   * The account's owner says that a sign-in was somebody else's: its session and all that were opened since end, devices that were first
   * seen since are forgotten, and an e-mail change that one of them may have asked for is called off. Once: `undefined` when the ticket is
   * unknown, used or expired.
   */
  disown(model: Model, hash: string): Promise<AccountRecord | undefined>;
  /** Makes the ticket's address the account's. `"taken"` if another account got it meanwhile. */
  changeEmail(model: Model, hash: string): Promise<Redeemed | "taken" | undefined>;
  /**
   * Redeems a reset ticket, once: sets the password, confirms the address, lifts the limit of `keep` and gives it `lifespan` ms. With
   * `endIdentities` the account's identities go; from an account that was not confirmed, they and all sessions but `keep` go in any case.
   * `undefined` when it is unknown, used or expired.
   */
  resetPassword(
    model: Model,
    hash: string,
    change: PasswordChange,
    session: {
      readonly lifespan: number;
      readonly lifetime: number | null;
      readonly endIdentities: boolean;
    },
  ): Promise<AccountRecord | undefined>;
}
