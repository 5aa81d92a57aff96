import type { Model } from "../accounts/models.js";

/** A device that has just signed in. */
export interface SeenDevice {
  /** Hash of the account and the mark that the device holds: it says nothing of the same device at another account. */
  readonly hash: string;
  /** Whether the device showed the mark. One that was only given it may never keep it. */
  readonly wasShown: boolean;
  /** Browser and system: `"Firefox (Windows)"`; empty if it did not say. */
  readonly family: string;
  /** The session that it signed in with. */
  readonly client: string;
  /** Milliseconds that it is remembered without another sign-in. */
  readonly lifespan: number;
  /** How many the account may have; of those, marks that were never shown again go first, then the longest unused. */
  readonly limit: number;
}

/** How a device was known: by its mark, by its family, as the account's first one, or not at all. */
export type Familiarity = "known" | "family" | "first" | "new";

/** A device as the list of them shows it. */
export interface KnownDevice {
  /** Names it for `forgetKnownDevices`. It is no secret. */
  readonly id: string;
  /** Browser and system: `"Firefox (Windows)"`; empty if it did not say. */
  readonly family: string;
  /** Whether the device has shown its mark since it was given one. Otherwise it may not have kept it. */
  readonly wasShown: boolean;
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
  readonly expiresAt: number;
}

/** The devices that have signed in to an account. */
export interface DeviceStore {
  /** Whether the device of this hash is known. One row by its key, so that it costs the same for every hash. */
  isKnown(hash: string): Promise<boolean>;
  /** Remembers a device, and says how it was known before. `undefined`: its session has ended by now, and nothing was written. */
  note(model: Model, accountId: string, device: SeenDevice): Promise<Familiarity | undefined>;
  /** The devices of an account, the latest seen first. */
  list(model: Model, accountId: string): Promise<readonly KnownDevice[]>;
  /** Forgets all devices of an account, or the one of a hash. Returns how many. */
  forget(model: Model, accountId: string, hash?: string): Promise<number>;
}
