/** What a one-time entry is for: of OAuth a sign-in under way, its result, a nonce for a native app, a name that was told only once; or an invitation. */
export type FlowKind = "flow" | "code" | "nonce" | "name" | "invitation";

export interface NewFlow {
  readonly kind: FlowKind;
  /** SHA-256 of the secret that finds it. */
  readonly hash: string;
  /** JSON. */
  readonly data: string;
  /** Milliseconds. */
  readonly lifespan: number;
}

export interface Flow {
  readonly data: string;
  /** When it was used; `null`: not yet. */
  readonly usedAt: number | null;
}

/** One-time entries that belong to no account yet. */
export interface FlowStore {
  /** Stores an entry. `false` if there is one of this kind and hash, which stays as it is. */
  put(flow: NewFlow): Promise<boolean>;
  /** The entry, if it has not expired; used ones too. */
  find(kind: FlowKind, hash: string): Promise<Flow | undefined>;
  /** Uses the entry up. Of many calls at the same moment one gets it; the others get `undefined`. */
  take(kind: FlowKind, hash: string): Promise<Flow | undefined>;
  /** Undoes that it was used: what it was used for did not come about. */
  giveBack(kind: FlowKind, hash: string): Promise<void>;
}
