import type { AuthState, ClientAccount, SignedOutReason } from "./state.js";

/** Where a change came from: this tab, or another. */
export type Whence = "here" | "elsewhere";

interface From {
  readonly from: Whence;
}

/** The events by their names. Each goes out when everything is stored and `state` is what it says. */
export interface ClientEvents<A extends ClientAccount = ClientAccount> {
  /** Any change of `state`. */
  readonly state: AuthState<A>;
  readonly "signed-in": From & { readonly account: A };
  readonly "signed-out": From & { readonly reason: SignedOutReason };
  /** Somebody else, or nobody: throw away what was loaded for the former account. */
  readonly "account-changed": From & {
    readonly former: ClientAccount["id"] | null;
    readonly id: ClientAccount["id"] | null;
  };
  /** The same account with other values. */
  readonly "account-updated": From & { readonly account: A };
  readonly registered: { readonly account: A };
  readonly confirmed: { readonly ok: boolean };
  readonly "password-reset-ready": { readonly ok: boolean };
  readonly "oauth-registered": AuthState<A>;
  /** A provider, or the server, refused: `access_denied` and the like. */
  readonly "oauth-failed": { readonly error: string };
  /** The session goes on in memory. */
  readonly "storage-failed": { readonly cause: unknown };
  readonly offline: Record<never, never>;
  readonly online: Record<never, never>;
}

export interface Emitter<A extends ClientAccount> {
  on<E extends keyof ClientEvents<A>>(event: E, listener: (event: ClientEvents<A>[E]) => void): () => void;
  emit<E extends keyof ClientEvents<A>>(event: E, value: ClientEvents<A>[E]): void;
  clear(): void;
}

/** Listeners by event. One that throws stops neither the others nor the call that caused the event; its promise is not awaited. */
export function createEmitter<A extends ClientAccount>(): Emitter<A> {
  const all = new Set<readonly [name: string, listener: (value: never) => unknown]>();
  return {
    on(event, listener) {
      const pair = [event, listener] as const;
      all.add(pair);
      return () => void all.delete(pair);
    },
    emit(event, value) {
      // The promise's function runs at once, and takes what it throws for a rejection.
      for (const [name, listener] of [...all])
        if (name === event) new Promise((resolve) => resolve(listener(value as never))).catch(console.error);
    },
    clear: () => all.clear(),
  };
}
