import type { Account, Model } from "../accounts/models.js";
import type { AccountStore } from "./account-port.js";
import type { AuditStore } from "./audit-port.js";
import type { CounterStore } from "./counter-port.js";
import type { DeviceStore } from "./device-port.js";
import type { FlowStore } from "./flow-port.js";
import type { IdentityStore } from "./identity-port.js";
import type { TicketStore } from "./ticket-port.js";
import type { TokenHash } from "./token-hash.js";

/**
 * The port to the database: verbs that the domain needs, each done in one atomic step. Whoever implements it runs
 * the cases of `store/contract/contract.ts`. Times are unix milliseconds, and every comparison with "now" uses the database's clock.
 */
export interface Store {
  /** What the database is, by OpenTelemetry's name for it (`db.system.name`). */
  readonly system: "sqlite" | "postgresql" | "mysql";
  readonly sessions: SessionStore;
  readonly accounts: AccountStore;
  readonly tickets: TicketStore;
  readonly identities: IdentityStore;
  readonly flows: FlowStore;
  readonly counters: CounterStore;
  readonly audit: AuditStore;
  readonly devices: DeviceStore;
  /**
   * Creates or updates the tables (`"apply"`), or refuses to start when they are not up to date (`"check"`). Refuses in both modes
   * what cannot hold accounts. Returns what some of the rows hold that somebody should know of, a sentence each, without values.
   */
  migrate(mode: "apply" | "check"): Promise<readonly string[]>;
  /** What `migrate("apply")` would do now. Changes nothing. */
  pending(): Promise<readonly PendingChange[]>;
  /** Compares the models' tables with what Keyturn reads and writes. Changes nothing. */
  inspect(): Promise<Inspection>;
  /** The secret that tokens are tagged with where the configuration names none: made once, the same for every server. */
  serverKey(): Promise<string>;
  /**
   * Deletes what has expired, in small steps and for a moment only; the next call goes on from there. Returns how many rows it deleted: none
   * if any server has done it within `interval` milliseconds.
   */
  sweep(interval: number): Promise<number>;
  /** Whether a statement can be done now: does a small one. Throws if not. */
  probe(): Promise<Probe>;
  close(): Promise<void>;
}

export interface Probe {
  /** Whether the database takes no writes: a standby, or one that somebody has closed for them. */
  readonly isReadOnly: boolean;
  /** The database's clock. */
  readonly now: number;
}

/** One step of bringing a database up to date. */
export interface PendingChange {
  readonly table: string;
  /** What the table lacks, such as `the column uid`. */
  readonly what: string;
  /** The SQL that adds it. */
  readonly statement: string;
}

/** What the models' tables are, column by column, and what their rows hold that somebody should know of. */
export interface Inspection {
  readonly columns: readonly ColumnReport[];
  readonly warnings: readonly string[];
}

/** One column of a model's table. */
export interface ColumnReport {
  readonly table: string;
  /** What the configuration calls it, such as `columns.email` or `fields.size`; empty for one that is not mapped. */
  readonly place: string;
  readonly column: string;
  /** Its type in the table. */
  readonly is: string;
  readonly needs: string;
  /** `fine`, `read as …`, `change to …`, or `is added`. */
  readonly finding: string;
  readonly isUsable: boolean;
}

/** A database that `createAuth` can be given: `sqlite("app.db")` and the like. */
export interface Database {
  /**
   * Opens it for these models. Does not touch the tables yet. `now`: a clock for tests, unix milliseconds, instead of the database's.
   * `lookOnly`: for `pending` alone; nothing is written, not even a file that is missing.
   */
  connect(options: {
    readonly models: readonly Model[];
    readonly now?: () => number;
    readonly lookOnly?: boolean;
  }): Promise<Store>;
}

/** What the store holds of a session's rotation. Times in unix milliseconds, by the database's clock. */
export interface RotationState {
  /** How often the session has rotated: `n`. */
  readonly generation: number;
  /** SHA-256 of the secret of generation `n`. */
  readonly tokenHash: TokenHash;
  /** What led from `n-1` to `n`, and from `n-2` to `n-1`; `null` where there was no such step. */
  readonly nonce: string | null;
  readonly previousNonce: string | null;
  /** When generation `n` began. */
  readonly rotatedAt: number;
  /** Until when slow requests keep the predecessor good, beyond the window; 0 when none does. */
  readonly windowExtendedUntil: number;
  /** When the session expires, at the latest. Whole seconds. */
  readonly expiresAt: number;
}

/** One signed-in client of one account. `client` is its id, and what the header of that name carries. */
export interface Session extends RotationState {
  readonly client: string;
  readonly model: string;
  readonly accountId: string;
  /** Hash of the reset ticket that this session was opened with: until it is redeemed, the session can only set the password. */
  readonly limitedTo: string | null;
  /** The uid that clients still know, when the account's changed after they signed in. */
  readonly previousUid: string | null;
  /** The absolute end, which no rotation passes; `null`: none. */
  readonly endsAt: number | null;
}

/** A session as the list of devices shows it. */
export interface ListedSession {
  readonly client: string;
  readonly createdAt: number;
  readonly rotatedAt: number;
  readonly expiresAt: number;
  readonly userAgent: string | null;
  readonly address: string | null;
  readonly label: string | null;
}

export interface FoundSession {
  readonly session: Session;
  readonly account: Account;
  /** The database's clock when it was read. */
  readonly now: number;
}

export interface NewSession {
  readonly client: string;
  readonly accountId: string;
  readonly tokenHash: TokenHash;
  readonly limitedTo: string | null;
  /** The password hash that was verified: there is no session if it is another one by now. `null`: no password was. */
  readonly passwordHash: string | null;
  /** The identity that signed in: there is no session if the account does not have it any more. Default: none did. */
  readonly identityId?: string | undefined;
  /** Milliseconds until it expires when it is not used. */
  readonly lifespan: number;
  /** Milliseconds until its absolute end. */
  readonly lifetime: number | null;
  readonly userAgent: string | null;
  readonly address: string | null;
  readonly label: string | null;
  /** How many sessions the account may have; the longest unused go first, never this one. */
  readonly limit: number;
}

export interface Rotation {
  readonly client: string;
  /** The uid that was presented: has to be the account's. */
  readonly uid: string;
  readonly tokenHash: TokenHash;
  readonly nextTokenHash: TokenHash;
  readonly nonce: string;
  /** Milliseconds since the last rotation before which this one does not happen. */
  readonly window: number;
  readonly lifespan: number;
  readonly address: string | null;
}

export interface SessionStore {
  /** Session and account in one statement. `uid` is not compared here. */
  find(model: Model, client: string): Promise<FoundSession | undefined>;
  /** The same, from a copy of the database that has followed: slower, for what `find` cannot have seen yet. */
  findUpToDate(model: Model, client: string): Promise<FoundSession | undefined>;
  /**
   * One conditional write: if `tokenHash` is still current, the window has passed and the session has not expired, makes `nextTokenHash`
   * current. Returns the session after it; `undefined` if any condition failed. `"outrun"`: all held when the row was read, and
   * another rotation was first. `"missed"`: a store that reads and writes in one step cannot tell which of the two it was.
   */
  rotate(model: Model, rotation: Rotation): Promise<FoundSession | "outrun" | "missed" | undefined>;
  /** Keeps the predecessor of `generation + 1` good for `window` ms more. Returns the session's generation now; `undefined` if it has expired. */
  extendWindow(client: string, generation: number, window: number): Promise<number | undefined>;
  /** Opens a session and ends those beyond the limit. `undefined` if there is no such account, or its password changed meanwhile. */
  create(model: Model, session: NewSession): Promise<Session | undefined>;
  /** Gives a session a new token that does not follow from the old one. `undefined` if the account has no such session. */
  renew(
    model: Model,
    accountId: string,
    client: string,
    tokenHash: TokenHash,
    lifespan: number,
  ): Promise<Session | undefined>;
  /** The account's sessions that have not expired, the latest used first. */
  list(model: Model, accountId: string): Promise<readonly ListedSession[]>;
  /** Ends one session of the account, which signs itself out. `false` if it has no such session. */
  end(model: Model, accountId: string, client: string): Promise<boolean>;
  /**
   * Ends one session of the account that somebody else wants gone, and with it an e-mail change that it may have asked for. `false` if there
   * is no such session. `by`: the session that asks; nothing is done if it has ended by then.
   */
  revoke(model: Model, accountId: string, client: string, by?: string): Promise<boolean>;
  /**
   * Ends the account's sessions but `by`, the one that asks, and with them an e-mail change that one of them may have asked for.
   * Returns how many; `undefined` if `by` has ended by then: nothing is done.
   */
  endAll(model: Model, accountId: string, by?: string): Promise<number | undefined>;
  /** Ends every session of every account of a model, and every e-mail change that waits. Returns how many sessions. */
  endModel(model: Model): Promise<number>;
}
