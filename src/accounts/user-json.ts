import type { Account, AccountBase } from "./models.js";

/** The account without its times, as sign-in and validate_token show it. */
export function withoutTimes(
  account: Account,
): Omit<Account, keyof Pick<AccountBase, "created_at" | "updated_at">> {
  const { created_at: _created, updated_at: _updated, ...rest } = account;
  return rest;
}
