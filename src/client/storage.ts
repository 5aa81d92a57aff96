import type { ReadableHeaders } from "./credentials.js";
import type { Globals } from "./globals.js";
import { epochOf } from "./record.js";

type Later<T> = T | Promise<T>;
type Text = string | null | undefined;

/** Where the session is kept: what localStorage, sessionStorage and AsyncStorage have in common. */
export interface ClientStorage {
  getItem(key: string): Later<Text>;
  setItem(key: string, value: string): Later<unknown>;
  removeItem(key: string): Later<unknown>;
  /** It belongs to a page. Without one (on a server) the client holds no session. */
  readonly needsPage?: boolean;
  /** Where a session is kept that ends with the browser's (`remember: false`). Default: the memory. */
  readonly untilClosed?: Pick<ClientStorage, "getItem" | "setItem" | "removeItem"> | undefined;
  /** Makes the client of one incoming request to a server. `open`: makes a client with these options; `fetch`: that of the client's own. */
  forRequest?<C extends object>(
    headers: ReadableHeaders,
    open: (more: { readonly storage: ClientStorage; readonly fetch: SendRequest }) => C,
    fetch: SendRequest,
  ): C & WithCookies;
}

/** A fetch that is given a `Request`. */
export type SendRequest = (request: Request) => Promise<Response>;

/** What the client of one incoming request has beside the others. */
export interface WithCookies {
  /**
   * Gives the browser the newest token: `append` gets a `Set-Cookie` value, now and whenever there is a newer one. Until it is called
   * every request shows the browser's own token. Where a response cannot set cookies any more, each of them is one whose response is lost.
   */
  setCookies(append: (cookie: string) => void): void;
}

/** The storages that the client knows by name. */
export type StorageName = "localStorage" | "sessionStorage" | "memory";

/** One entry, in the place that outlives the browser's session or in the one that does not. */
export interface Vault {
  readonly kind: StorageName | "custom";
  read(): Later<Text>;
  write(text: string, remember: boolean): Later<unknown>;
  remove(): Later<unknown>;
}

/** Opens a storage for one key. One that is forbidden or not there (a third-party frame, blocked cookies) becomes the memory. */
export function openVault(chosen: StorageName | ClientStorage, key: string, globals: Globals): Vault {
  // Reading the property throws where storage is forbidden; Node 25 has an object without methods; some throw only when asked.
  const web = (name: "localStorage" | "sessionStorage"): ClientStorage | undefined => {
    try {
      const storage = globals[name];
      storage?.getItem(key);
      return storage;
    } catch {}
    return undefined;
  };
  const isOwn = typeof chosen === "object";
  const named = isOwn || chosen === "memory" ? undefined : web(chosen);
  const lasting = isOwn ? chosen : (named ?? memory());
  const passing =
    (isOwn ? chosen.untilClosed : chosen === "localStorage" ? web("sessionStorage") : lasting) ?? memory();
  // Of two entries the later one counts: another tab may have signed in to stay since this one signed in until it closes.
  const later = (text: Text): Text => {
    const other = passing.getItem(key) as Text;
    return epochOf(other) > epochOf(text) ? other : text;
  };
  return {
    kind: isOwn ? "custom" : named ? chosen : "memory",
    read() {
      const text = lasting.getItem(key);
      return isPromise(text) ? text.then(later) : later(text);
    },
    write(text, remember) {
      if (remember && passing !== lasting) passing.removeItem(key);
      return (remember ? lasting : passing).setItem(key, text);
    },
    remove() {
      passing.removeItem(key);
      return lasting.removeItem(key);
    },
  };
}

export function isPromise<T>(value: Later<T>): value is Promise<T> {
  return Boolean((value as { then?: unknown } | null | undefined)?.then);
}

function memory(): ClientStorage {
  // A vault has one entry.
  let entry: Text;
  return {
    getItem: () => entry,
    setItem(_key, text) {
      entry = text;
    },
    removeItem() {
      entry = null;
    },
  };
}
