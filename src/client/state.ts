/** What every account has. The times of the row are not kept: they change without the account changing. */
export interface ClientAccount {
  readonly id: number | string;
  readonly provider: string;
  readonly uid: string;
  readonly email: string | null;
}

/** Why nobody is signed in: signed out here, in another tab, expired, ended by the server, or the storage was emptied. */
export type SignedOutReason = "signed-out" | "elsewhere" | "expired" | "revoked" | "storage-cleared";

/** One frozen object, the same until something of it changes. A new token changes nothing. */
export type AuthState<A extends ClientAccount = ClientAccount> =
  /** Before anybody could look. Never again after that. */
  | { readonly status: "loading"; readonly account: null }
  | {
      readonly status: "signed-out";
      readonly account: null;
      readonly reason?: SignedOutReason | undefined;
    }
  | {
      readonly status: "signed-in";
      readonly account: A;
      readonly model: string;
      /** The server could not be asked since: what is shown may be old. */
      readonly stale: boolean;
    };
