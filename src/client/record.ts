import type { Credentials } from "./credentials.js";
import type { ClientAccount } from "./state.js";

/** The header with the mark by which the server knows this device, or nothing. */
export type DeviceHeader = Record<string, string>;

/** What one storage entry says. Without credentials: signed out. */
export interface Entry {
  /** Raised by each sign-in, sign-out and new password. Two entries are compared by it, so an older one never takes the place of a newer. */
  readonly epoch: number;
  /** Whether it outlives the browser's session. */
  readonly remember: boolean;
  readonly held?: Credentials | undefined;
  /** By which the server knows this device. It outlives every session. */
  readonly device?: DeviceHeader | undefined;
  /** Not here if it is too big to be stored. */
  readonly account?: ClientAccount | undefined;
}

/** `undefined`: nothing of ours. `"newer"`: written by a later version, which this one must leave alone. */
export type Decoded = Entry | "newer" | undefined;

const version = 1;

/**
 * The length of an entry, in letters. Always the same, because a full localStorage takes another value of the same length and refuses
 * one that is a letter longer: whatever could store the sign-in can store each rotation. Cookies and secure stores hold more than this.
 */
export const entryLength = 1000;

export function encodeEntry(entry: Entry): string {
  const text = JSON.stringify({ version, ...entry });
  const isLong = text.length > entryLength && entry.account;
  return isLong ? encodeEntry({ ...entry, account: undefined }) : text.padEnd(entryLength);
}

export function decodeEntry(text: string | null | undefined): Decoded {
  try {
    // Of nothing there is nothing to read: that is caught too.
    const entry = JSON.parse(text as string);
    if (entry.version > version) return "newer";
    const { epoch, held } = entry;
    const isWhole = !held || (held.token && held.client && held.uid && held.expiry >= 0);
    return entry.version === version && epoch >= 0 && isWhole ? entry : undefined;
  } catch {}
  return undefined;
}

/** The epoch of a text. */
export function epochOf(text: string | null | undefined): number {
  const entry = decodeEntry(text);
  return (entry as Partial<Entry> | undefined)?.epoch ?? -1;
}
