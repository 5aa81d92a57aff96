import type { ClientStorage } from "./storage.js";
import type { Client } from "./types.js";

export type { ClientStorage } from "./storage.js";

/** React Native's `AppState`: the part that is used. */
export interface AppStateLike {
  addEventListener(event: "change", listener: (state: string) => void): { remove(): void };
}

/** React Native's `Linking`: the part that is used. */
export interface LinkingLike {
  getInitialURL(): Promise<string | null>;
  addEventListener(event: "url", listener: (event: { url: string }) => void): { remove(): void };
}

/** expo-secure-store and its kin: the part that is used. */
export interface SecureStoreLike {
  getItemAsync(key: string): Promise<string | null>;
  setItemAsync(key: string, value: string): Promise<void>;
  deleteItemAsync(key: string): Promise<void>;
}

/** A secure store as the client's storage. Its keys are letters, digits, `.`, `-` and `_`. A read that fails (a locked phone) stays one. */
export function secureStorage(store: SecureStoreLike): ClientStorage {
  const named = (key: string): string => key.replace(/[^\w.-]/g, "_");
  return {
    getItem: (key) => store.getItemAsync(named(key)),
    setItem: (key, value) => store.setItemAsync(named(key), value),
    removeItem: (key) => store.deleteItemAsync(named(key)),
  };
}

/**
 * Tells a client when the app comes back to the foreground, and which links open it, also the one that started it. Returns the function
 * that ends this.
 *
 * @example
 * const client = createClient({ apiUrl, storage: AsyncStorage });
 * connectNative(client, { AppState, Linking });
 */
export function connectNative(
  client: Pick<Client, "wake" | "handleUrl">,
  { AppState, Linking }: { readonly AppState?: AppStateLike; readonly Linking?: LinkingLike },
): () => void {
  const open = (url: string | null): void => {
    if (url !== null) void client.handleUrl(url);
  };
  const ends = [
    AppState?.addEventListener("change", (state) => {
      if (state === "active") client.wake();
    }),
    Linking?.addEventListener("url", ({ url }) => open(url)),
  ];
  Linking?.getInitialURL().then(open, () => {});
  return () => {
    for (const end of ends) end?.remove();
  };
}
