import type { Channel, Globals, PageEvent } from "./globals.js";

/** What a page tells the client, until it is closed. */
export interface PageEvents {
  /** Tells the other tabs to look into the storage. It carries no token. */
  tell(): void;
  close(): void;
}

/**
 * Listens to the page. `changed`: another tab may have written to the storage. `woke`: the page is seen again, or the network is back.
 * Several events come together then, so `woke` is called once for all of them. No `unload`: it alone keeps a page out of the
 * back/forward cache. `hasChannel`: the storage has no events of its own (a message to a page in that cache throws the page away).
 */
export function listenToPage(
  globals: Globals,
  key: string,
  hasChannel: unknown,
  changed: () => void,
  woke: () => void,
): PageEvents {
  const { document } = globals;
  const targets = [
    [document, "visibilitychange"],
    [globals, "pageshow"],
    [globals, "online"],
    [globals, "storage"],
  ] as const;
  let timer: unknown;
  const hear = ({ type }: PageEvent): void => {
    changed();
    if (type === "storage" || document?.visibilityState === "hidden") return;
    globals.clearTimeout(timer);
    timer = globals.setTimeout(woke, 50);
  };
  let channel: Channel | undefined;
  if (document) {
    for (const [target, name] of targets) target?.addEventListener?.(name, hear);
    try {
      if (hasChannel && globals.BroadcastChannel) {
        channel = new globals.BroadcastChannel(key);
        channel.onmessage = changed;
      }
    } catch {}
  }
  return {
    tell: () => channel?.postMessage("look"),
    close() {
      for (const [target, name] of targets) target?.removeEventListener?.(name, hear);
      channel?.close();
      channel = undefined;
    },
  };
}
