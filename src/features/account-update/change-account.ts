import type { Account, Model } from "../../accounts/models.js";
import type { ParamValues } from "../../accounts/overrides.js";
import { issueTicket, newTicketSecret, type TicketSecret } from "../../accounts/tickets.js";
import { invalid } from "../../accounts/validation.js";
import type { AccountChanges, PasswordChange } from "../../database/account-port.js";
import { AuthError } from "../../errors.js";
import { accountIds } from "../../events.js";
import { tellOfAttempt } from "../attempt-notice.js";
import { announceNewEmail, mailEmailChange } from "../email-change.js";
import { announceNewPassword } from "../new-password.js";
import { notify, type Services } from "../services.js";
import { emailChangeNotice } from "./mails.js";

/** A change that has passed the checks. */
export interface CheckedChange {
  readonly fields: Readonly<Record<string, unknown>>;
  /** What the app permits for hooks of its own. */
  readonly params: ParamValues;
  readonly newEmail: string | undefined;
  readonly password?: PasswordChange | undefined;
  /** Whether a new address has to be proved by a link before it is the account's. */
  readonly isProvedByLink: boolean;
  /** Whether nobody may learn from it that the new address is another account's. Its owner is told then. */
  readonly hidesTaken?: boolean;
  /** Whether an e-mail change that is under way is called off. */
  readonly cancelsEmailChange: boolean;
  /** The session that asks; `undefined`: the app's own code. */
  readonly by: string | undefined;
  /** The hash that the account had when its current password was checked. */
  readonly ifPasswordHash?: string | null | undefined;
  /** Where the link of a mail about a new address leads; checked already. */
  readonly redirectUrl: string | undefined;
  readonly config: string | undefined;
}

/**
 * Changes an account: all changes or none. `done`: what has to happen as soon as they are made. Throws AuthError `invalid`, and
 * `user_not_found` when the account or the session that asks is gone.
 */
export async function changeAccount(
  services: Services,
  model: Model,
  account: Account,
  change: CheckedChange,
  done?: () => Promise<void>,
): Promise<Account> {
  const { store } = services;
  const { newEmail, password, by, ifPasswordHash } = change;
  const fields = await services.hooks.beforeUpdate(model, {
    account,
    email: newEmail,
    fields: change.fields,
    params: change.params,
  });
  // After every check, and before anything is changed: if the mail cannot be sent, nothing is.
  if (newEmail !== undefined && change.isProvedByLink) await services.mailTotal.refuseIfSpent("strangers");
  if (newEmail !== undefined) await services.limits.change(model, account, "email");
  else if (password) await services.limits.change(model, account, "password");
  const secret =
    newEmail !== undefined && change.isProvedByLink
      ? await mailNewAddress(services, model, account, newEmail, change)
      : undefined;
  const changes: AccountChanges = {
    fields,
    cancelsEmailChange: change.cancelsEmailChange,
    ...(by === undefined ? {} : { by }),
    ...(ifPasswordHash === undefined ? {} : { ifPasswordHash }),
    ...(password ? { password } : {}),
    ...(newEmail !== undefined && secret === undefined ? { email: newEmail } : {}),
  };
  const updated = await store.accounts.update(model, String(account.id), changes);
  if (updated === "taken") throw invalid("email", "taken");
  if (!updated) throw new AuthError("user_not_found");
  await done?.();
  services.emit("account.updated", accountIds(model, account));
  if (password) announceNewPassword(services, model, updated.account);
  if (newEmail === undefined) return updated.account;
  if (secret === undefined) {
    announceNewEmail(services, model, updated.account, account.email);
  } else {
    const lifespan = services.settings.confirmWithin;
    const asked = by === undefined ? {} : { by };
    await issueTicket(store, model, account, "email_change", { lifespan, email: newEmail, secret, ...asked });
    if (account.email !== null)
      notify(services, emailChangeNotice, model, account, { to: account.email, newEmail });
  }
  return updated.account;
}

async function mailNewAddress(
  services: Services,
  model: Model,
  account: Account,
  newEmail: string,
  { redirectUrl = services.settings.defaultConfirmSuccessUrl, config, hidesTaken }: CheckedChange,
): Promise<TicketSecret> {
  await services.limits.mail(model, newEmail, "email_change");
  const secret = newTicketSecret();
  const owner = hidesTaken ? await ownerOf(services, model, account, newEmail) : undefined;
  // The link exists in either case; here nobody has it.
  if (owner) await tellOfAttempt(services, model, owner, newEmail);
  else await mailEmailChange(services, model, account, newEmail, secret, { redirectUrl, config });
  return secret;
}

/** Another account that has an address. A column that ignores case finds the account itself under another spelling of its own. */
export async function ownerOf(
  { store }: Services,
  model: Model,
  account: Account,
  email: string,
): Promise<Account | undefined> {
  const other = (await store.accounts.findByEmail(model, email))?.account;
  return other && String(other.id) !== String(account.id) ? other : undefined;
}
