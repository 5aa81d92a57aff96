import { hash } from "node:crypto";
import { issueTicket } from "../../accounts/tickets.js";
import { AuthError } from "../../errors.js";
import { familyOf } from "../device-family.js";
import { deviceHash } from "../known-device.js";
import { linkMail } from "../link-mail.js";
import { found, type SignInStep } from "../steps.js";
import { newDeviceNotice } from "./mails.js";

/** At most one mail about new devices in this time, for each account. */
const onceAnHour = { limit: 1, window: 3_600_000 };

/**
 * Finds out whether the device that asks has signed in to the account before. It has an allowance of its own where a limit is met; every
 * other one is refused by that limit now. Addresses that no account has are looked up alike.
 */
export const recogniseDevice: SignInStep = async (attempt) => {
  const { services, model, record, refusal, password, caller } = attempt;
  const { deviceMark } = caller;
  // Where nothing can be met any more, nobody has to be known.
  if (deviceMark === undefined || password === undefined || (!refusal && !model.lockable)) {
    if (refusal) throw refusal;
    return;
  }
  const device = deviceHash(model, String(record?.account.id ?? ""), deviceMark);
  const isKnown = (await services.store.devices.isKnown(device)) && record !== undefined;
  if (isKnown) attempt.device = device;
  if (!refusal) return;
  if (!isKnown) throw refusal;
  const guess = await services.limits.knownDevice(model, device).catch((error: unknown) => {
    throw sooner(refusal, error);
  });
  if (!guess) throw refusal;
  attempt.counted = guess;
  attempt.deviceGuess = guess;
};

/** Of two refusals the one that ends first: then the same request passes. */
function sooner(refusal: AuthError, error: unknown): unknown {
  if (!(error instanceof AuthError) || !error.limit || !refusal.limit) return error;
  return error.limit.retryAfter < refusal.limit.retryAfter ? error : refusal;
}

/**
 * Tells the owner by mail of a device that nobody knows, with a link that says "this was not me". Nothing of it is done before the response
 * has left. Whoever signs in does not choose the language of the mail.
 */
export const tellOfNewDevice: SignInStep = (attempt) => {
  const { services, model, familiarity, caller } = attempt;
  const { account, confirmedAt } = found(attempt, "record");
  const { email } = account;
  if (familiarity !== "new" || !model.newDeviceNotice || email === null || confirmedAt === null) return;
  const { store, settings } = services;
  const since = found(attempt, "authentication").session.rotatedAt;
  const name = hash("sha256", `new device ${model.name} ${account.id}`, "base64url");
  services.afterResponse(async () => {
    if ((await store.counters.count(name, onceAnHour)).isMet) return;
    const lifespan = settings.newDeviceLinkWithin;
    const secret = await issueTicket(store, model, account, "new_device", { lifespan, since });
    await services.mail(newDeviceNotice, model, account, {
      to: email,
      device: familyOf(caller.userAgent),
      ...linkMail({
        path: "/new_device",
        parameter: "device_token",
        secret,
        lifespan,
        redirectUrl: undefined,
        config: undefined,
      }),
      header: () => undefined,
    });
  });
};
