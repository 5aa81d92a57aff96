import { type RawBuilder, sql } from "kysely";
import type { Model } from "../../accounts/models.js";
import type { SqlExecutor, Step } from "../driver.js";
import { accountsTable } from "../schema/schema.js";
import { isAccount, isUnconfirmed } from "./account-columns.js";
import { bound } from "./account-steps.js";

/**
 * What ends beside the old password when a mailed link has proved whose the address is. An account that nobody had confirmed becomes the
 * own one of that person: identities and sessions of whoever made it go, whatever the settings say. Of a confirmed account, identities go
 * with `endIdentities`. An account that a provider's sign-in made is known by its address from now on, because it has a password. Comes
 * before the step that confirms the account.
 */
export function resetSteps(
  executor: SqlExecutor,
  model: Model,
  accountId: string,
  { keep, endIdentities }: { readonly keep: string | null; readonly endIdentities: boolean },
): readonly Step[] {
  const { kysely } = executor;
  const { columns } = model;
  const unconfirmed = isUnconfirmed(executor, model);
  const ends = endIdentities ? sql<boolean>`1 = 1` : unconfirmed;
  const accountWith = (condition: RawBuilder<boolean>) =>
    kysely
      .selectFrom(accountsTable(model))
      .select(sql.ref<string>(columns.uid).as("uid"))
      .where(isAccount(executor, model, sql`${accountId}`))
      .where(condition);
  const isProviders = sql<boolean>`${sql.ref(columns.provider)} <> 'email' and ${sql.ref(columns.email)} is not null`;
  const identities = kysely
    .deleteFrom("keyturn_identities")
    .where("model", "=", model.name)
    .where("account_id", "=", accountId)
    .where(sql<boolean>`exists ${accountWith(ends)}`);
  const sessions = kysely
    .deleteFrom("keyturn_sessions")
    .where("model", "=", model.name)
    .where("account_id", "=", accountId)
    .where("client", "<>", keep ?? "")
    .where(sql<boolean>`exists ${accountWith(unconfirmed)}`);
  // Sessions that go on: their clients know the old uid until their next response.
  const kept = kysely
    .updateTable("keyturn_sessions")
    .set({ previous_uid: accountWith(isProviders) })
    .where("model", "=", model.name)
    .where("account_id", "=", accountId)
    .where(sql<boolean>`exists ${accountWith(isProviders)}`);
  const account = kysely
    .updateTable(accountsTable(model))
    .set({ [columns.uid]: sql.ref(columns.email), [columns.provider]: "email" })
    .where(isAccount(executor, model, sql`${accountId}`))
    .where(isProviders);
  return [identities, sessions, kept, account].map((query) => ({ query: bound(query) }));
}
