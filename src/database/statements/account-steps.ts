import { type RawBuilder, sql } from "kysely";
import type { Model } from "../../accounts/models.js";
import type { AccountChanges, PasswordChange } from "../account-port.js";
import type { BoundQuery, SqlExecutor, Step } from "../driver.js";
import { accountsTable } from "../schema/schema.js";
import type { TicketKind } from "../ticket-port.js";
import { columnValue, confirmationBy, isAccount, isUnconfirmed } from "./account-columns.js";
import { fieldColumns } from "./account-keys.js";
import { renewedSession } from "./rotation-rules.js";

/** The steps of which changes of an account are made: each change is a transaction of some of them. */

/** Deletes an account with what belongs to it, if the condition holds, and if the session that asks (`by`) is still there. */
export function deleteSteps(
  executor: SqlExecutor,
  model: Model,
  id: string,
  { condition, by }: { readonly condition?: RawBuilder<boolean>; readonly by?: string | undefined },
): readonly Step[] {
  const account = executor.kysely
    .deleteFrom(accountsTable(model))
    .where(isAccount(executor, model, sql`${id}`));
  return [
    ...lockSteps(executor, model, id),
    ...(by === undefined ? [] : [sessionStep(executor, model, id, by)]),
    { query: bound(condition ? account.where(condition) : account), required: true },
    { query: endSessions(executor, model, id, null) },
    { query: dropTickets(executor, model, id) },
    { query: dropIdentities(executor, model, id) },
    { query: dropDevices(executor, model, id) },
  ];
}

/** Confirms the address of an account that has not, and ends the links that would. */
export function confirmSteps(executor: SqlExecutor, model: Model, id: string): readonly Step[] {
  const account = confirmedAccount(executor, model, id).where(isUnconfirmed(executor, model));
  return [
    ...lockSteps(executor, model, id),
    { query: bound(account), required: true },
    dropUnused(executor, model, id, "confirmation"),
  ];
}

/** The update that says that an account has confirmed its address now, or did so before. */
export function confirmedAccount(executor: SqlExecutor, model: Model, id: string) {
  return executor.kysely
    .updateTable(accountsTable(model))
    .set({ [model.columns.confirmedAt]: confirmationBy(executor, model, executor.now()) })
    .where(isAccount(executor, model, sql`${id}`));
}

/** The steps of an update; the first is the one that has to find the account. */
export function updateSteps(
  executor: SqlExecutor,
  model: Model,
  id: string,
  changes: AccountChanges,
): readonly Step[] {
  const { kysely } = executor;
  const names = model.columns;
  const made = (name: string, value: unknown): unknown => columnValue(executor, model, name, value);
  const columns: Record<string, unknown> = { [names.updatedAt]: made(names.updatedAt, executor.now()) };
  for (const [column, value] of fieldColumns(executor, model, changes.fields ?? {})) columns[column] = value;
  if (changes.password) columns[names.passwordHash] = made(names.passwordHash, changes.password.hash);
  if (changes.email !== undefined) {
    columns[names.email] = made(names.email, changes.email);
    // The uid of an account that signs in with its address is that address.
    const [provider, uid] = [sql.ref(names.provider), sql.ref(names.uid)];
    columns[names.uid] =
      sql`case when ${provider} = 'email' then ${made(names.uid, changes.email)} else ${uid} end`;
  }
  let account = kysely
    .updateTable(accountsTable(model))
    .set(columns)
    .where(isAccount(executor, model, sql`${id}`));
  if (changes.ifPasswordHash !== undefined) {
    const read = changes.ifPasswordHash;
    const hash = sql.ref(names.passwordHash);
    account = account.where(read === null ? sql<boolean>`${hash} is null` : sql<boolean>`${hash} = ${read}`);
  }
  const steps: Step[] = changes.by === undefined ? [] : [sessionStep(executor, model, id, changes.by)];
  // Clients of this account know the old uid until their next response.
  if (changes.email !== undefined) {
    const oldUid = kysely
      .selectFrom(accountsTable(model))
      .select(sql.ref<string>(names.uid).as("uid"))
      .where(isAccount(executor, model, sql`${id}`));
    const sessions = kysely
      .updateTable("keyturn_sessions")
      .set({ previous_uid: oldUid })
      .where("model", "=", model.name)
      .where("account_id", "=", id);
    steps.push({ query: bound(sessions) });
  }
  steps.push({ query: bound(account), required: true });
  // Whoever reads the old mailbox, or had a session before, must not be able to take the account with a link that is still out.
  if (changes.email !== undefined)
    steps.push(
      dropUnused(executor, model, id, "password_reset"),
      dropUnused(executor, model, id, "confirmation"),
      endLimited(executor, model, id),
    );
  if (changes.cancelsEmailChange) steps.push(dropUnused(executor, model, id, "email_change"));
  if (changes.password) steps.push(...passwordSteps(executor, model, id, changes.password));
  return steps;
}

/** Changes of one account come one after the other; the account first, then what belongs to it, so that none waits for another in a circle. */
export function lockSteps(executor: SqlExecutor, model: Model, id: string): readonly Step[] {
  const { kysely, dialect } = executor;
  if (!dialect.forUpdate) return [];
  const row = kysely
    .selectFrom(accountsTable(model))
    .select(sql.ref(model.columns.id).as("id"))
    .where(isAccount(executor, model, sql`${id}`));
  return [{ query: bound(row.modifyEnd(dialect.forUpdate)) }];
}

/** Writes nothing, but finds out whether a session is still there, and keeps it there until the transaction ends. */
export function sessionStep({ kysely }: SqlExecutor, model: Model, id: string, client: string): Step {
  const session = kysely
    .updateTable("keyturn_sessions")
    .set({ window_extended_until: sql<number>`window_extended_until` })
    .where("client", "=", client)
    .where("model", "=", model.name)
    .where("account_id", "=", id)
    .where("limited_to", "is", null);
  return { query: bound(session), required: true };
}

/** What a new password does beside the account's row: other sessions end, the one that asks gets a new token, and links are void. */
function passwordSteps(
  executor: SqlExecutor,
  model: Model,
  id: string,
  { keep, renewed, endOthers }: PasswordChange,
): readonly Step[] {
  const steps = [
    dropUnused(executor, model, id, "password_reset"),
    dropUnused(executor, model, id, "email_change"),
  ];
  // Whoever had to be kept out may have signed in before: no device is known any more, and no notice of theirs has anything to end.
  if (endOthers)
    steps.push(
      { query: endSessions(executor, model, id, keep) },
      { query: dropDevices(executor, model, id) },
      dropUnused(executor, model, id, "new_device"),
    );
  if (keep !== null && renewed) {
    const session = executor.kysely
      .updateTable("keyturn_sessions")
      .set(renewedSession(executor, renewed))
      .where("client", "=", keep)
      .where("model", "=", model.name)
      .where("account_id", "=", id);
    steps.push({ query: bound(session) });
  }
  return steps;
}

/** Makes the links of a kind that nobody has followed worth nothing: of an account, or of all of the model's (`null`). */
export function dropUnused({ kysely }: SqlExecutor, model: Model, id: string | null, kind: TicketKind): Step {
  const tickets = kysely
    .deleteFrom("keyturn_tickets")
    .where("kind", "=", kind)
    .where("model", "=", model.name)
    .where("used_at", "is", null);
  return { query: bound(id === null ? tickets : tickets.where("account_id", "=", id)) };
}

function endLimited({ kysely }: SqlExecutor, model: Model, id: string): Step {
  const sessions = kysely
    .deleteFrom("keyturn_sessions")
    .where("model", "=", model.name)
    .where("account_id", "=", id)
    .where("limited_to", "is not", null);
  return { query: bound(sessions) };
}

/** A query of Kysely's as the engine takes it. For statements whose shape depends on their values. */
export function bound(query: {
  compile(): { readonly sql: string; readonly parameters: readonly unknown[] };
}): BoundQuery {
  const { sql: text, parameters } = query.compile();
  return { sql: text, values: parameters };
}

/** Ends an account's sessions, but one. */
export function endSessions(
  { kysely }: SqlExecutor,
  model: Model,
  id: string,
  except: string | null,
): BoundQuery {
  return bound(
    kysely
      .deleteFrom("keyturn_sessions")
      .where("model", "=", model.name)
      .where("account_id", "=", id)
      .where("client", "<>", except ?? ""),
  );
}

/** Ends the sessions of an account that were opened then or later. */
export function endSessionsSince(
  { kysely }: SqlExecutor,
  model: Model,
  id: string,
  since: number,
): BoundQuery {
  return bound(
    kysely
      .deleteFrom("keyturn_sessions")
      .where("model", "=", model.name)
      .where("account_id", "=", id)
      .where("created_at", ">=", since),
  );
}

/** Deletes an account's links. */
export function dropTickets({ kysely }: SqlExecutor, model: Model, id: string): BoundQuery {
  return bound(
    kysely.deleteFrom("keyturn_tickets").where("model", "=", model.name).where("account_id", "=", id),
  );
}

/** Deletes an account's identities. */
export function dropIdentities({ kysely }: SqlExecutor, model: Model, id: string): BoundQuery {
  return bound(
    kysely.deleteFrom("keyturn_identities").where("model", "=", model.name).where("account_id", "=", id),
  );
}

/** Forgets the devices that have signed in to an account. `since`: only those that were first seen then or later. */
export function dropDevices({ kysely }: SqlExecutor, model: Model, id: string, since = 0): BoundQuery {
  return bound(
    kysely
      .deleteFrom("keyturn_devices")
      .where("model", "=", model.name)
      .where("account_id", "=", id)
      .where("first_seen_at", ">=", since),
  );
}
