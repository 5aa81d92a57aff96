import type { Token } from "./tokens.js";

/** One thing that happened on the wire, or a note about it. */
export interface Entry {
  /** Rising, from 1. */
  readonly id: number;
  /** Milliseconds. */
  readonly at: number;
  /** Who sent it or received it. */
  readonly actor: string;
  readonly session: string | undefined;
  /** `failed`: there was no response. `lost`: there was one, and it was thrown away. `note`: a sentence beside the arrows. */
  readonly kind: "sent" | "answered" | "lost" | "failed" | "note";
  readonly method: string;
  readonly path: string;
  readonly token: Token | undefined;
  readonly status?: number;
  /** Milliseconds from the request to the response. */
  readonly took?: number;
  /** This response replaced the token that the actor held. */
  readonly fresh?: boolean;
  /** When the window ends that begins here, because the server has just issued the token. */
  readonly windowEnds?: number;
  /** Why the server refused, or the note. */
  readonly text?: string;
}

export type NewEntry = Omit<Entry, "id">;

/** Every request and response of this page, in the order they happened. */
export interface Traffic {
  /** Another array after each entry. */
  entries(): readonly Entry[];
  record(entry: NewEntry): void;
  subscribe(listener: () => void): () => void;
}

const mostEntries = 1000;

export function createTraffic(): Traffic {
  let entries: readonly Entry[] = [];
  let last = 0;
  const listeners = new Set<() => void>();
  return {
    entries: () => entries,
    record(entry) {
      last += 1;
      entries = [...entries.slice(-mostEntries), { ...entry, id: last }];
      for (const listener of [...listeners]) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** One entry as a sentence. */
export function describeEntry(entry: Entry): string {
  const { method, path, status } = entry;
  const token = entry.token ? `token ${entry.token.number}` : "no token";
  if (entry.kind === "note") return entry.text ?? "";
  if (entry.kind === "sent") return `Client sends ${method} ${path} with ${token}`;
  if (entry.kind === "failed") return `${method} ${path}: no response`;
  if (entry.kind === "lost") return `The response ${status} with ${token} is lost on the way`;
  const brought = entry.fresh ? `a new one, ${token}` : token;
  if (entry.text) return `Server refuses: ${status}, ${entry.text}${entry.token ? `; with ${brought}` : ""}`;
  return `Server responds ${status} with ${brought}`;
}
