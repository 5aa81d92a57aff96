import type { Model } from "../accounts/models.js";
import type { AccountRecord } from "../database/account-port.js";
import { accountIds } from "../events.js";
import type { MailKind } from "./mail-kind.js";
import { notify, type Services } from "./services.js";

const templates = new URL("./mails/", import.meta.url);

export const identityAddedNotice: MailKind = { name: "identity_added_notice", templates, carriesLink: false };

export const identityRemovedNotice: MailKind = {
  name: "identity_removed_notice",
  templates,
  carriesLink: false,
};

/** What people call a provider; its name in the configuration, if it is no longer there. */
export function labelOf({ settings: { providers } }: Services, name: string): string {
  return (Object.hasOwn(providers, name) ? providers[name]?.label : undefined) ?? name;
}

/** Reports a new way in, and tells the owner by mail. */
export function announceAddedIdentity(
  services: Services,
  model: Model,
  record: AccountRecord,
  provider: string,
): void {
  services.emit("identity.linked", { ...accountIds(model, record.account), reason: provider });
  tell(services, identityAddedNotice, model, record, provider);
}

/** Reports a way in that is gone, and tells the owner by mail. */
export function announceRemovedIdentity(
  services: Services,
  model: Model,
  record: AccountRecord,
  provider: string,
): void {
  services.emit("identity.unlinked", { ...accountIds(model, record.account), reason: provider });
  tell(services, identityRemovedNotice, model, record, provider);
}

// Nobody has proved an unconfirmed address: whoever reads mail there has nothing to do with the account.
function tell(
  services: Services,
  kind: MailKind,
  model: Model,
  { account, confirmedAt }: AccountRecord,
  provider: string,
): void {
  if (account.email === null || confirmedAt === null) return;
  notify(services, kind, model, account, { to: account.email, provider: labelOf(services, provider) });
}
