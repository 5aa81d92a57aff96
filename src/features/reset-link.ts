import type { Account, Model } from "../accounts/models.js";
import type { AccountRecord } from "../database/account-port.js";
import type { Identity } from "../database/identity-port.js";
import type { Authentication } from "../engine/authentication.js";
import { lifespanOf, settingsFor } from "../engine/rules.js";
import type { Renewal } from "../engine/sessions.js";
import { AuthError } from "../errors.js";
import { accountIds } from "../events.js";
import type { Call } from "./call.js";
import { announceRemovedIdentity } from "./identity-notices.js";
import { noteDevice } from "./known-device.js";
import { announceNewPassword, checkedPassword, type NewPassword, passwordChange } from "./new-password.js";
import type { Services } from "./services.js";

/** The account of a reset link that still works. Looking does not use the link up: mail scanners look too. */
export async function accountOfResetLink(
  { store }: Services,
  model: Model,
  ticketHash: string,
): Promise<AccountRecord | undefined> {
  const ticket = await store.tickets.find(model, "password_reset", ticketHash);
  const record = ticket?.usedAt === null ? await store.accounts.find(model, ticket.accountId) : undefined;
  // A link that was mailed by a request at the moment in which the account was disabled.
  return record?.disabledAt === null ? record : undefined;
}

/**
 * Redeems a reset ticket: sets the password, once. `keep`: the session that the link opened, if it did.
 * Throws AuthError `password_unauthorized` when the ticket is unknown, used or expired, `password_not_required` where there is no address, and `invalid`.
 */
export async function resetPassword(
  services: Services,
  model: Model,
  ticketHash: string,
  next: NewPassword,
  keep: { readonly client: string; readonly renewal: Renewal } | null,
): Promise<Account> {
  const { store, settings } = services;
  const record = await accountOfResetLink(services, model, ticketHash);
  if (!record) throw new AuthError("password_unauthorized");
  // A password is worth nothing without the address that it is used with.
  if (record.account.email === null) refuseWithoutPassword(record.account);
  const change = await passwordChange(services, model, checkedPassword(services, record.account, next), keep);
  const identities = await store.identities.list(model, String(record.account.id));
  const own = settingsFor(settings, model);
  const changed = await store.tickets.resetPassword(model, ticketHash, change, {
    lifespan: lifespanOf(own),
    lifetime: own.sessionLifetime,
    endIdentities: settings.removeIdentitiesAfterPasswordReset,
  });
  // Another redemption of the same link was faster.
  if (!changed) throw new AuthError("password_unauthorized");
  announceNewPassword(services, model, changed.account);
  announceLostIdentities(services, model, record, changed, identities);
  return changed.account;
}

function announceLostIdentities(
  services: Services,
  model: Model,
  before: AccountRecord,
  after: AccountRecord,
  identities: readonly Identity[],
): void {
  for (const { provider } of identities) {
    // Of an account that nobody had confirmed, its new owner has never had them.
    if (before.confirmedAt === null)
      services.emit("identity.unlinked", { ...accountIds(model, after.account), reason: provider });
    else if (services.settings.removeIdentitiesAfterPasswordReset)
      announceRemovedIdentity(services, model, after, provider);
  }
}

/** Redeems the reset link that opened a session. The session becomes an ordinary one, with another token. */
export async function redeemBySession(
  call: Call,
  { session }: Authentication,
  ticketHash: string,
  next: NewPassword,
): Promise<Account> {
  const { services, model } = call;
  // The session's token stood in a URL, so it gets one that does not follow from it.
  const renewal = services.sessions.startRenewal();
  const keep = { client: session.client, renewal };
  const account = await resetPassword(services, model, ticketHash, next, keep);
  const renewed = await renewal.finish(model, session.client);
  if (!renewed) return account;
  call.credentials = (await noteDevice(services, model, account, call.caller, renewed)).authentication;
  await services.hooks.afterSignIn(model, account, session.client);
  return account;
}

/**
 * Throws AuthError `password_not_required` for an account that signs in through a provider. Not for its owner who follows a mailed link:
 * whoever reads the mail owns the address, and the account with it.
 */
export function refuseWithoutPassword({ provider }: Account): void {
  if (provider !== "email") throw new AuthError("password_not_required", { subject: provider });
}
