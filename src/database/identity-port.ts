import type { Model } from "../accounts/models.js";
import type { AccountRecord, NewAccount } from "./account-port.js";

/** Who somebody is at a provider. Its key is the model, the provider's issuer and the subject. */
export interface Identity {
  /** SHA-256 of the key: the row's primary key, and how its owner names it. */
  readonly id: string;
  readonly accountId: string;
  /** The provider's canonical issuer. */
  readonly issuer: string;
  /** The provider's id of the person. Always text. */
  readonly subject: string;
  /** What the configuration calls the provider. */
  readonly provider: string;
  /** The name that the provider told last. Some tell it once. */
  readonly name: string | null;
  /** The address as the provider told it last. */
  readonly email: string | null;
  readonly createdAt: number;
  readonly lastUsedAt: number;
  /** The provider's tokens, encrypted; `null`: none are kept. */
  readonly tokens: string | null;
}

export type NewIdentity = Pick<
  Identity,
  "id" | "issuer" | "subject" | "provider" | "name" | "email" | "tokens"
>;

/** What a later sign-in tells of an identity. `undefined` and a missing name leave what is there. */
export interface IdentityNews {
  readonly name: string | null;
  readonly email: string | null;
  readonly tokens: string | null | undefined;
}

export interface IdentityStore {
  find(model: Model, id: string): Promise<Identity | undefined>;
  /** The account's identities, the oldest first. */
  list(model: Model, accountId: string): Promise<readonly Identity[]>;
  /** Keeps what a sign-in told. `false` if there is no such identity. */
  update(model: Model, id: string, news: IdentityNews): Promise<boolean>;
  /** Replaces kept tokens, unless they are other ones by now. `false` if so. */
  replaceTokens(id: string, from: string, to: string): Promise<boolean>;
  /** Deletes an identity whose account is not there any more: an app may delete rows of its own table. `false` if it is there. */
  dropOrphan(model: Model, id: string): Promise<boolean>;
  /**
   * Makes an account and its first identity, both or none. `"taken"`: another account has the address or the identity.
   * Throws AuthErrors as `accounts.create` does.
   */
  register(model: Model, account: NewAccount, identity: NewIdentity): Promise<AccountRecord | "taken">;
  /**
   * Adds an identity to an account. `condition`: the session that asks, or the address that the account must have confirmed; nothing is
   * done if that is no longer so. `"taken"`: an account has the identity already.
   */
  link(
    model: Model,
    accountId: string,
    identity: NewIdentity,
    condition: { readonly by: string } | { readonly confirmedEmail: string } | { readonly uid: string },
  ): Promise<"linked" | "taken" | undefined>;
  /**
   * Gives an account that never confirmed its address to whoever has proved it: the password, the sessions, the pending links and the
   * identities that others left there are gone, and the address is confirmed. `undefined` if it was confirmed meanwhile.
   */
  claim(
    model: Model,
    accountId: string,
    email: string,
    identity: NewIdentity,
  ): Promise<AccountRecord | "taken" | undefined>;
  /**
   * Takes an identity from its account, and ends the account's sessions but the one that asks, with the changes of address
   * that wait. `"last"`: the account could not be signed in to any more, so it stays. `undefined`: the account has
   * no such identity, or the session that asks has ended.
   */
  unlink(model: Model, accountId: string, id: string, by: string): Promise<"unlinked" | "last" | undefined>;
}
