import { normaliseEmail } from "../../accounts/email-address.js";
import type { Account, Model } from "../../accounts/models.js";
import { hashTicket, issueTicket } from "../../accounts/tickets.js";
import { AuthError } from "../../errors.js";
import { accountIds } from "../../events.js";
import { notify, type Services } from "../services.js";

/** Mails an account the link that confirms its address. The links that were mailed before stop working. */
export async function sendConfirmation(
  services: Services,
  model: Model,
  account: Account,
  redirectUrl: string | undefined,
  config: string | undefined,
): Promise<void> {
  const lifespan = services.settings.confirmWithin;
  const secret = await issueTicket(services.store, model, account, "confirmation", { lifespan });
  await services.mail("confirmation_instructions", model, account, {
    to: account.email ?? "",
    link: confirmationLink(secret, redirectUrl, config),
    validFor: lifespan,
    ...(redirectUrl === undefined ? {} : { redirectUrl }),
    ...(config === undefined ? {} : { config }),
  });
}

/** The link that confirms an address: an account's first one, or a new one. */
export function confirmationLink(
  secret: string,
  redirectUrl: string | undefined,
  config: string | undefined,
): { readonly path: string; readonly query: Readonly<Record<string, string>> } {
  return {
    path: "/confirmation",
    query: {
      config: config ?? "default",
      confirmation_token: secret,
      ...(redirectUrl === undefined ? {} : { redirect_url: redirectUrl }),
    },
  };
}

/**
 * Redeems the link of a confirmation mail, or of a mail about a new address. A second visit answers the same as the first while the
 * link works, because mail scanners visit links too. `false`: the link is unknown or over, or the address was taken meanwhile.
 */
export async function confirm(services: Services, model: Model, secret: string): Promise<boolean> {
  const { store, emit } = services;
  const hash = hashTicket(secret);
  const confirmed = await store.tickets.confirm(model, hash);
  if (confirmed) {
    if (confirmed.first) emit("account.confirmed", accountIds(model, confirmed.record.account));
    return true;
  }
  const ticket = await store.tickets.find(model, "email_change", hash);
  const before = ticket && (await store.accounts.find(model, ticket.accountId));
  const changed = ticket && (await store.tickets.changeEmail(model, hash));
  if (!changed || changed === "taken") return false;
  if (changed.first) announceNewEmail(services, model, changed.record.account, before?.account.email ?? null);
  return true;
}

/** Tells the old address that the account has a new one. */
export function announceNewEmail(
  services: Services,
  model: Model,
  account: Account,
  oldEmail: string | null,
): void {
  services.emit("account.email_changed", accountIds(model, account));
  if (oldEmail === null || account.email === null) return;
  notify(services, "email_changed_notice", model, account, { to: oldEmail, newEmail: account.email });
}

/**
 * Mails the confirmation link again. An account that is confirmed gets none. Answers the address in its one spelling.
 * Throws AuthError `email_missing`, and `email_unknown` unless the answers are to keep that secret.
 */
export async function resendConfirmation(
  services: Services,
  model: Model,
  email: unknown,
  redirectUrl: string | undefined,
  config: string | undefined,
): Promise<string> {
  return mailIfKnown(services, model, email, async (account, confirmed) => {
    if (!confirmed && model.confirmable)
      await sendConfirmation(services, model, account, redirectUrl, config);
  });
}

/** The frame of every "mail me a link" form: finds the account and has it mailed, without telling strangers more than the settings allow. */
export async function mailIfKnown(
  services: Services,
  model: Model,
  email: unknown,
  send: (account: Account, confirmed: boolean) => Promise<void>,
): Promise<string> {
  const { store, settings } = services;
  const read = normaliseEmail(email);
  if (!read.ok && read.problem === "blank") throw new AuthError("email_missing");
  const address = read.ok ? read.email : String(email);
  const work = async (): Promise<void> => {
    const record = read.ok ? await store.accounts.findByEmail(model, read.email) : undefined;
    if (!record) throw new AuthError("email_unknown", { subject: address });
    await send(record.account, record.confirmedAt !== null);
  };
  if (settings.paranoid) {
    // Everything that takes time happens behind the answer, or its time would tell.
    services.afterResponse(() => work().catch(ignoreUnknown));
  } else {
    await work();
  }
  return address;
}

function ignoreUnknown(error: unknown): void {
  if (!(error instanceof AuthError && error.code === "email_unknown")) throw error;
}
