import { hash } from "node:crypto";
import type { Account, Model } from "../accounts/models.js";
import type { Familiarity } from "../database/device-port.js";
import type { Authentication } from "../engine/authentication.js";
import { randomBytes } from "../engine/random.js";
import type { Caller } from "./caller.js";
import { familyOf } from "./device-family.js";
import type { Services } from "./services.js";

/** Milliseconds that a device is remembered without another sign-in. */
const year = 365 * 24 * 3_600_000;
/** Devices that an account may have. */
const mostDevices = 20;

/** An authentication whose client is given its mark, and how its device was known before; `undefined`: nobody could find out. */
export interface NotedDevice {
  readonly authentication: Authentication;
  readonly familiarity: Familiarity | undefined;
}

/**
 * What is stored of a mark at one account. The mark has full entropy, so nothing slower is needed; and whoever reads the table cannot tell
 * that two accounts have a device in common.
 */
export function deviceHash(model: Model, accountId: string, mark: string): string {
  return hash("sha256", `${model.name} ${accountId} ${mark}`, "base64url");
}

/** Remembers the device of whoever has just opened a session. One that could not be remembered is signed in all the same. */
export async function noteDevice(
  { store, report }: Services,
  model: Model,
  account: Account,
  { deviceMark: shown, userAgent }: Caller,
  authentication: Authentication,
): Promise<NotedDevice> {
  const accountId = String(account.id);
  const deviceMark = shown ?? randomBytes(32).toString("base64url");
  try {
    const familiarity = await store.devices.note(model, accountId, {
      hash: deviceHash(model, accountId, deviceMark),
      wasShown: shown !== undefined,
      family: familyOf(userAgent),
      client: authentication.session.client,
      lifespan: year,
      limit: mostDevices,
    });
    const isNewDevice = familiarity !== undefined && familiarity !== "known";
    return { authentication: { ...authentication, deviceMark, isNewDevice }, familiarity };
  } catch (error) {
    report(error, "A device could not be remembered");
    return { authentication, familiarity: undefined };
  }
}

/** Forgets a device that is known only by a sign-in that was refused after all. One that was known before stays so. */
export async function forgetNewDevice(
  { store }: Services,
  { model, account, deviceMark, isNewDevice }: Authentication,
): Promise<void> {
  const accountId = String(account.id);
  if (deviceMark !== undefined && isNewDevice)
    await store.devices.forget(model, accountId, deviceHash(model, accountId, deviceMark));
}
