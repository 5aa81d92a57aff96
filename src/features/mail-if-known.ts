import { normaliseEmail } from "../accounts/email-address.js";
import type { Model } from "../accounts/models.js";
import { AuthError } from "../errors.js";
import type { LimitedMail } from "./limits.js";
import type { Services } from "./services.js";

/**
 * The frame of every "mail me a link" form. Returns the address in its one spelling. `send` mails the link, or throws an AuthError
 * that says why not. In paranoid mode everything that takes time happens after the response, and nothing is refused.
 * Throws AuthError `email_missing`.
 */
export async function mailIfKnown(
  { settings, limits, mailTotal, bots, afterResponse }: Services,
  model: Model,
  email: string | undefined,
  kind: LimitedMail,
  send: (email: string) => Promise<void>,
): Promise<string> {
  if (email === undefined) throw new AuthError("email_missing");
  const read = normaliseEmail(email);
  const address = read.ok ? read.email : email;
  // Before anything is counted for the recipient: a program would use up what the owner of the address may ask for.
  await bots.check();
  // Before it is known whether there is an account: whoever asks is told, and learns nothing of that.
  await mailTotal.refuseIfSpent(kind === "confirmation" ? "strangers" : "known");
  await limits.mail(model, address, kind);
  const work = async (): Promise<void> => {
    if (!read.ok) throw unknownEmail(address);
    await send(address);
  };
  if (settings.paranoid) afterResponse(() => work().catch(ignoreExpected));
  else await work();
  return address;
}

/** The error for an address that no account has. */
export function unknownEmail(address: string): AuthError {
  return new AuthError("email_unknown", { subject: address });
}

/** An account as a form finds it. Throws AuthError `email_unknown`. */
export async function accountOf({ store }: Services, model: Model, email: string) {
  const record = await store.accounts.findByEmail(model, email);
  if (!record) throw unknownEmail(email);
  return record;
}

// What a form would have said in the open. A mail that could not be sent is logged.
function ignoreExpected(error: unknown): void {
  if (!(error instanceof AuthError && error.status < 500)) throw error;
}
