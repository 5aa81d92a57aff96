import type { Account, Model } from "../accounts/models.js";
import type { Checks } from "../accounts/validation.js";
import { accountIds } from "../events.js";
import type { Services } from "./services.js";

/**
 * Checks the current password when it is required, and when it is given: whoever sends it wants it checked. A blank one counts as
 * not given. Returns the hash that the account has, so that the change is made on that one only.
 */
export async function checkCurrentPassword(
  { store, hasher, limits, bots, emit }: Services,
  model: Model,
  account: Account,
  given: string | undefined,
  isRequired: boolean,
  checks: Checks,
): Promise<string | null> {
  const record = await store.accounts.find(model, String(account.id));
  const hash = record?.passwordHash ?? null;
  if (given === undefined) {
    if (isRequired) checks.add("current_password", { code: "blank" });
    return hash;
  }
  await bots.check();
  const counted = await limits.currentPassword(model, String(account.id));
  const { valid } = await hasher.verify(hash, given).catch(async (error: unknown) => {
    await counted.withdrawn();
    throw error;
  });
  await (valid ? counted.succeeded() : counted.failed());
  if (!valid) {
    await bots.failed();
    emit("password.change_failed", accountIds(model, account));
    checks.add("current_password", { code: "invalid" });
  }
  return hash;
}
