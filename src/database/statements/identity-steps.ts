import { type RawBuilder, sql } from "kysely";
import type { Model } from "../../accounts/models.js";
import type { NewAccount } from "../account-port.js";
import type { BoundQuery, SqlExecutor, Step } from "../driver.js";
import type { Identity, NewIdentity } from "../identity-port.js";
import { accountsTable } from "../schema/schema.js";
import { columnValue, confirmationBy, isAccount, isUnconfirmed } from "./account-columns.js";
import { bound, dropDevices, dropIdentities, dropTickets, endSessions } from "./account-steps.js";

/** The steps of which changes of identities are made. */

/** Adds an identity to an account that is there. */
export function insertIdentity(
  executor: SqlExecutor,
  model: Model,
  accountId: string,
  identity: NewIdentity,
): Step {
  const query = executor.kysely
    .insertInto("keyturn_identities")
    .values({ ...newRow(executor, model, identity), account_id: accountId });
  return { query: bound(query), required: true };
}

/** Adds an identity to the account that was written a step before, whose id only the database knows. */
export function insertIdentityOf(
  executor: SqlExecutor,
  model: Model,
  account: NewAccount,
  identity: NewIdentity,
): BoundQuery {
  const names = model.columns;
  const row = {
    ...newRow(executor, model, identity),
    account_id: executor.dialect.accountIdToText(sql.ref(names.id)),
  };
  const columns = Object.keys(row) as (keyof typeof row)[];
  const source = executor.kysely
    .selectFrom(accountsTable(model))
    .select(columns.map((name) => sql`${row[name]}`.as(name)))
    .where(
      sql<boolean>`${sql.ref(names.provider)} = ${columnValue(executor, model, names.provider, account.provider)}`,
    )
    .where(sql<boolean>`${sql.ref(names.uid)} = ${columnValue(executor, model, names.uid, account.uid)}`);
  return bound(executor.kysely.insertInto("keyturn_identities").columns(columns).expression(source));
}

function newRow(executor: SqlExecutor, model: Model, identity: NewIdentity) {
  const now = nowOf(executor);
  const { id, issuer, subject, provider, name, email, tokens } = identity;
  return {
    id,
    model: model.name,
    issuer,
    subject,
    provider,
    name,
    email,
    tokens,
    created_at: now,
    last_used_at: now,
  };
}

/** Finds out, in the same transaction, whether the account still has this address and has confirmed it. */
export function confirmedStep(executor: SqlExecutor, model: Model, accountId: string, email: string): Step {
  return accountStep(
    executor,
    model,
    accountId,
    sql<boolean>`${sql.ref(model.columns.email)} = ${email} and not (${isUnconfirmed(executor, model)})`,
  );
}

/** Finds out whether the account is the one that an older system made for this provider and subject, and has no identity yet. */
export function uidStep(
  executor: SqlExecutor,
  model: Model,
  accountId: string,
  provider: string,
  uid: string,
): Step {
  const { columns } = model;
  const others = executor.kysely
    .selectFrom("keyturn_identities")
    .select("id")
    .where("model", "=", model.name)
    .where("account_id", "=", accountId);
  return accountStep(
    executor,
    model,
    accountId,
    sql<boolean>`${sql.ref(columns.provider)} = ${provider} and ${sql.ref(columns.uid)} = ${uid} and not exists ${others}`,
  );
}

/** What makes an account that nobody confirmed the own one of whoever has proved its address. */
export function claimSteps(
  executor: SqlExecutor,
  model: Model,
  accountId: string,
  email: string,
): readonly Step[] {
  const { columns } = model;
  const account = executor.kysely
    .updateTable(accountsTable(model))
    .set({
      [columns.passwordHash]: null,
      // Whoever made it may have come from a provider: the account is known by its address from now on.
      [columns.provider]: "email",
      [columns.uid]: sql.ref(columns.email),
      [columns.confirmedAt]: confirmationBy(executor, model, executor.now()),
      [columns.updatedAt]: columnValue(executor, model, columns.updatedAt, executor.now()),
    })
    .where(isAccount(executor, model, sql`${accountId}`))
    .where(isUnconfirmed(executor, model))
    .where(sql<boolean>`${sql.ref(columns.email)} = ${email}`);
  return [
    { query: bound(account), required: true },
    { query: endSessions(executor, model, accountId, null) },
    { query: dropTickets(executor, model, accountId) },
    { query: dropIdentities(executor, model, accountId) },
    { query: dropDevices(executor, model, accountId) },
  ];
}

/** Deletes an identity if the account has another one, or a password. */
export function deleteIdentity(executor: SqlExecutor, model: Model, accountId: string, id: string): Step {
  const { kysely } = executor;
  // One more select around it: MySQL does not delete from what it reads from.
  const another = kysely
    .selectFrom((inner) =>
      inner
        .selectFrom("keyturn_identities")
        .select("id")
        .where("model", "=", model.name)
        .where("account_id", "=", accountId)
        .where("id", "<>", id)
        .as("others"),
    )
    .select("others.id");
  const password = kysely
    .selectFrom(accountsTable(model))
    .select(sql.ref(model.columns.id).as("id"))
    .where(isAccount(executor, model, sql`${accountId}`))
    .where(sql<boolean>`${sql.ref(model.columns.passwordHash)} is not null`);
  const remains = model.databaseAuthenticatable
    ? sql<boolean>`(exists ${another} or exists ${password})`
    : sql<boolean>`exists ${another}`;
  const query = kysely
    .deleteFrom("keyturn_identities")
    .where("id", "=", id)
    .where("model", "=", model.name)
    .where("account_id", "=", accountId)
    .where(remains);
  return { query: bound(query), required: true };
}

/** An account that was made by the identity it loses goes on under its address. Clients know the old uid until their next response. */
export function leaveProvider(
  executor: SqlExecutor,
  model: Model,
  accountId: string,
  { id, provider, subject }: Identity,
): readonly Step[] {
  const { columns } = model;
  const [ownProvider, uid, email] = [columns.provider, columns.uid, columns.email].map((name) =>
    sql.ref<string>(name),
  ) as [RawBuilder<string>, RawBuilder<string>, RawBuilder<string>];
  const isOwn = sql<boolean>`${ownProvider} = ${provider} and ${uid} in (${subject}, ${id}) and ${email} is not null`;
  const madeBy = executor.kysely
    .selectFrom(accountsTable(model))
    .select(uid.as("uid"))
    .where(isAccount(executor, model, sql`${accountId}`))
    .where(isOwn);
  const sessions = executor.kysely
    .updateTable("keyturn_sessions")
    .set({ previous_uid: madeBy })
    .where("model", "=", model.name)
    .where("account_id", "=", accountId)
    .where(sql<boolean>`exists ${madeBy}`);
  const account = executor.kysely
    .updateTable(accountsTable(model))
    .set({ [columns.uid]: email, [columns.provider]: "email" })
    .where(isAccount(executor, model, sql`${accountId}`))
    .where(isOwn);
  return [{ query: bound(sessions) }, { query: bound(account) }];
}

// Writes the time of change, so that a step which only asks is one that writes.
function accountStep(
  executor: SqlExecutor,
  model: Model,
  accountId: string,
  condition: RawBuilder<boolean>,
): Step {
  const { updatedAt } = model.columns;
  const query = executor.kysely
    .updateTable(accountsTable(model))
    .set({ [updatedAt]: columnValue(executor, model, updatedAt, executor.now()) })
    .where(isAccount(executor, model, sql`${accountId}`))
    .where(condition);
  return { query: bound(query), required: true };
}

function nowOf({ dialect, now }: SqlExecutor): RawBuilder<number> {
  return dialect.now(sql`${now()}`);
}
