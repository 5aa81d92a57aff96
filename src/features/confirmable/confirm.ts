import type { Account, Model } from "../../accounts/models.js";
import { hashTicket, issueTicket } from "../../accounts/tickets.js";
import { AuthError } from "../../errors.js";
import { accountIds } from "../../events.js";
import { announceNewEmail, confirmationMail, mailEmailChange } from "../email-change.js";
import { labelOf } from "../identity-notices.js";
import { mailIfKnown, unknownEmail } from "../mail-if-known.js";
import type { Services } from "../services.js";
import { confirmationInstructions, providerConfirmationInstructions } from "./mails.js";

/** Mails an account the link that confirms its address. Those that were mailed before go on. */
export async function mailConfirmation(
  services: Services,
  model: Model,
  account: Account,
  redirectUrl: string | undefined,
  config: string | undefined,
): Promise<void> {
  const lifespan = services.settings.confirmWithin;
  const secret = await issueTicket(services.store, model, account, "confirmation", { lifespan });
  const isRegistered = account.provider === "email";
  const kind = isRegistered ? confirmationInstructions : providerConfirmationInstructions;
  await services.mail(kind, model, account, {
    to: account.email ?? "",
    provenSince: null,
    ...(isRegistered ? {} : { provider: labelOf(services, account.provider) }),
    ...confirmationMail(secret, lifespan, redirectUrl, config),
  });
}

/**
 * Whether a link only shows the button that redeems it. An account that a provider's sign-in made would otherwise be a stranger's with
 * the address of whoever's mail scanner follows links. A link that is unknown, has expired or was used before changes nothing more.
 */
export async function needsButton(
  { store, settings }: Services,
  model: Model,
  secret: string,
): Promise<boolean> {
  const hash = hashTicket(secret);
  const ticket =
    (await store.tickets.find(model, "confirmation", hash)) ??
    (await store.tickets.find(model, "email_change", hash));
  if (!ticket || ticket.usedAt !== null) return false;
  if (settings.confirmByButton) return true;
  const record = await store.accounts.find(model, ticket.accountId);
  return record !== undefined && record.account.provider !== "email";
}

/**
 * Redeems the link of a confirmation mail, or of a mail about a new address. A second visit returns the same as the first while the
 * link works, because mail scanners visit links too. Returns the account, or `undefined`: the link is unknown or has expired, or the
 * address was taken meanwhile.
 */
export async function confirm(
  services: Services,
  model: Model,
  secret: string,
): Promise<Account | undefined> {
  const { store, emit } = services;
  const hash = hashTicket(secret);
  const confirmed = await store.tickets.confirm(model, hash);
  if (confirmed) {
    if (confirmed.first) emit("account.confirmed", accountIds(model, confirmed.record.account));
    return confirmed.record.account;
  }
  const ticket = await store.tickets.find(model, "email_change", hash);
  const before = ticket && (await store.accounts.find(model, ticket.accountId));
  const changed = ticket && (await store.tickets.changeEmail(model, hash));
  if (!changed || changed === "taken") return undefined;
  if (changed.first) announceNewEmail(services, model, changed.record.account, before?.account.email ?? null);
  return changed.record.account;
}

/**
 * Mails the link again: of an account that is not confirmed, or of an address that waits to replace the old one. Returns the
 * address in its one spelling. Throws AuthError `email_missing`, and unless paranoid `email_unknown` and `already_confirmed`.
 */
export async function resendConfirmation(
  services: Services,
  model: Model,
  email: string | undefined,
  redirectUrl: string | undefined,
  config: string | undefined,
): Promise<string> {
  const { store, settings } = services;
  return mailIfKnown(services, model, email, "confirmation", async (address) => {
    const record = await store.accounts.findByEmail(model, address);
    if (record && record.confirmedAt === null)
      return mailConfirmation(services, model, record.account, redirectUrl, config);
    if (record) throw new AuthError("already_confirmed");
    const waiting = await store.tickets.findEmailChange(model, address);
    if (!waiting) throw unknownEmail(address);
    const lifespan = settings.confirmWithin;
    const secret = await issueTicket(store, model, waiting.account, "email_change", {
      lifespan,
      email: address,
    });
    await mailEmailChange(services, model, waiting.account, address, secret, { redirectUrl, config });
  });
}
