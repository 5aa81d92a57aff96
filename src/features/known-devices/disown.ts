import type { Account, Model } from "../../accounts/models.js";
import { AuthError } from "../../errors.js";
import { accountIds } from "../../events.js";
import { mailResetLink } from "../reset-mail.js";
import type { Services } from "../services.js";

/** An account whose owner has said that a sign-in was somebody else's. */
export interface Disowned {
  readonly account: Account;
  /** Whether a mail is on its way with which a new password is set. */
  readonly isResetMailed: boolean;
}

/** Whether the link of a new device's mail still works. Looking does not use it up. */
export async function isLinkUsable({ store }: Services, model: Model, hash: string): Promise<boolean> {
  return (await store.tickets.find(model, "new_device", hash))?.usedAt === null;
}

/**
 * Ends the session of a sign-in that was somebody else's and every one that was opened since, forgets their devices, and mails the link that
 * sets a new password. `undefined` if the link of the notice was used, or has expired. The password stays until its owner sets another:
 * whoever finds an old link can end sessions with it and nothing more.
 */
export async function disown(services: Services, model: Model, hash: string): Promise<Disowned | undefined> {
  const record = await services.store.tickets.disown(model, hash);
  if (!record) return undefined;
  const { account } = record;
  services.emit("session.ended", { ...accountIds(model, account), reason: "disowned" });
  return { account, isResetMailed: await startReset(services, model, account) };
}

async function startReset(services: Services, model: Model, account: Account): Promise<boolean> {
  const target = services.settings.defaultPasswordResetUrl;
  const hasPassword = model.databaseAuthenticatable && account.provider === "email" && account.email !== null;
  if (target === undefined || !services.redirects.allows(target) || !hasPassword) return false;
  try {
    await mailResetLink(services, model, account, target);
    return true;
  } catch (error) {
    // The sessions have ended: that is what the page has to say. The mail is asked for on the sign-in page then.
    if (error instanceof AuthError && error.code === "mail_unavailable") return false;
    throw error;
  }
}
