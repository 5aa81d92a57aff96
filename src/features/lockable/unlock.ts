import type { Account, Model } from "../../accounts/models.js";
import { hashTicket, issueTicket } from "../../accounts/tickets.js";
import type { AccountRecord, CountedAttempt } from "../../database/account-port.js";
import { AuthError } from "../../errors.js";
import { accountIds } from "../../events.js";
import { linkMail } from "../link-mail.js";
import { accountOf, mailIfKnown } from "../mail-if-known.js";
import type { MailContents, Services } from "../services.js";
import { unlockInstructions } from "./mails.js";

/**
 * When a lock began that has ended by now; `endedBefore` is `null` where locks do not end by themselves. However far the clock is set back,
 * none lasts for more than twice its time.
 */
export function endedLocks({ settings, now }: Services): Pick<CountedAttempt, "endedBefore" | "endedAfter"> {
  const { unlockStrategy, unlockIn } = settings;
  if (unlockStrategy !== "time" && unlockStrategy !== "both") return { endedBefore: null };
  return { endedBefore: now() - unlockIn, endedAfter: now() + unlockIn };
}

/** Whether a lock can be ended by a mailed link. */
export function unlocksByMail({ settings }: Services): boolean {
  return settings.unlockStrategy === "email" || settings.unlockStrategy === "both";
}

/** Whether an account is locked now. */
function isLocked(services: Services, { lockedAt }: AccountRecord): boolean {
  const { endedBefore, endedAfter } = endedLocks(services);
  if (lockedAt === null) return false;
  return endedBefore === null || (lockedAt > endedBefore && lockedAt <= (endedAfter ?? lockedAt));
}

/** Mails an account the link that unlocks it. */
export async function mailUnlock(
  services: Services,
  model: Model,
  account: Account,
  redirectUrl: string | undefined,
  config: string | undefined,
  more: Pick<MailContents, "header" | "provenSince"> = {},
): Promise<void> {
  const lifespan = services.settings.unlockLinkWithin;
  const secret = await issueTicket(services.store, model, account, "unlock", { lifespan });
  await services.mail(unlockInstructions, model, account, {
    to: account.email ?? "",
    ...linkMail({ path: "/unlock", parameter: "unlock_token", secret, lifespan, redirectUrl, config }),
    ...more,
  });
}

/**
 * Mails the link to whoever is locked. Returns the address in its one spelling. Throws AuthError `email_missing`, and unless paranoid
 * `email_unknown` and `not_locked`.
 */
export async function requestUnlock(
  services: Services,
  model: Model,
  email: string | undefined,
  redirectUrl: string | undefined,
  config: string | undefined,
): Promise<string> {
  return mailIfKnown(services, model, email, "unlock", async (address) => {
    const record = await accountOf(services, model, address);
    if (!isLocked(services, record)) throw new AuthError("not_locked");
    await mailUnlock(services, model, record.account, redirectUrl, config, {
      provenSince: record.confirmedAt,
    });
  });
}

/** Redeems the link of an unlock mail. Returns its account. A second visit returns the same while the link works, because mail scanners visit links too. */
export async function unlock(services: Services, model: Model, secret: string): Promise<Account | undefined> {
  const unlocked = await services.store.tickets.unlock(model, hashTicket(secret));
  if (unlocked?.first) services.emit("account.unlocked", accountIds(model, unlocked.record.account));
  return unlocked?.record.account;
}
