import { randomUUID } from "node:crypto";
import { type RawBuilder, sql } from "kysely";
import type { Model } from "../../accounts/models.js";
import { type BoundQuery, type SqlExecutor, type Step, UniqueViolation } from "../driver.js";
import type {
  AccountChanges,
  AccountRecord,
  AccountStore,
  NewAccount,
  PasswordChange,
  TicketKind,
} from "../port.js";
import { accountsTable } from "../schema/schema.js";
import { type Statement, statement } from "../statement.js";
import {
  type AccountColumns,
  accountColumns,
  isAccount,
  isAccountId,
  ofModel,
  readAccount,
  selectAccount,
  selectMoment,
  shapeOf,
} from "./account-columns.js";
import { textOrNull } from "./rows.js";

interface ModelStatements {
  readonly columns: AccountColumns;
  readonly byId: Statement<{ id: string }>;
  readonly byEmail: Statement<{ email: string }>;
  readonly byUid: Statement<{ uid: string }>;
}

/** The statements over the models' tables. */
export function createAccountStore(executor: SqlExecutor, models: readonly Model[]): AccountStore {
  const prepared = new Map(models.map((model) => [model, modelStatements(executor, model)]));
  const first = async (
    model: Model,
    query: (statements: ModelStatements) => BoundQuery,
  ): Promise<AccountRecord | undefined> => {
    const statements = ofModel(prepared, model);
    const { rows } = await executor.run(query(statements));
    return rows[0] && readRecord(rows[0], statements.columns, executor);
  };
  const find = async (model: Model, id: string): Promise<AccountRecord | undefined> =>
    isAccountId(executor, model, id) ? first(model, ({ byId }) => byId.bind({ id })) : undefined;
  const findByEmail = (model: Model, email: string): Promise<AccountRecord | undefined> =>
    first(model, ({ byEmail }) => byEmail.bind({ email }));

  return {
    find,
    findByEmail,
    findByUid: (model, uid) => first(model, ({ byUid }) => byUid.bind({ uid })),
    async create(model, account) {
      const inserted = await orTaken(executor.run(insertAccount(executor, model, account)));
      if (inserted === "taken") return "taken";
      const created = await first(model, ({ byUid }) => byUid.bind({ uid: account.uid }));
      if (!created) throw new Error(`The account that was just written to "${model.table}" is not there`);
      return created;
    },
    async update(model, id, changes) {
      const steps = [...lockSteps(executor, model, id), ...updateSteps(executor, model, id, changes)];
      const done = await orTaken(executor.atomically(steps));
      return done === "taken" ? "taken" : done && find(model, id);
    },
    async rehash(model, id, from, to) {
      const { passwordHash } = model.columns;
      const query = executor.kysely
        .updateTable(accountsTable(model))
        .set({ [passwordHash]: to })
        .where(isAccount(executor, model, sql`${id}`))
        .where(sql<boolean>`${sql.ref(passwordHash)} = ${from}`);
      await executor.run(bound(query));
    },
    async delete(model, id) {
      return (await executor.atomically(deleteSteps(executor, model, id, undefined))) !== undefined;
    },
    async deleteUnconfirmed(model, id) {
      const isUnconfirmed = sql<boolean>`${sql.ref(model.columns.confirmedAt)} is null`;
      return (await executor.atomically(deleteSteps(executor, model, id, isUnconfirmed))) !== undefined;
    },
  };
}

/** Deletes an account, if the condition holds, with what belongs to it. */
function deleteSteps(
  executor: SqlExecutor,
  model: Model,
  id: string,
  condition: RawBuilder<boolean> | undefined,
): readonly Step[] {
  const account = executor.kysely
    .deleteFrom(accountsTable(model))
    .where(isAccount(executor, model, sql`${id}`));
  return [
    ...lockSteps(executor, model, id),
    { query: bound(condition ? account.where(condition) : account), required: true },
    { query: endSessions(executor, model, id, null) },
    { query: dropTickets(executor, model, id) },
  ];
}

/** Answers `"taken"` where a unique index refused the write: the database decides who was first. */
export async function orTaken<T>(write: Promise<T>): Promise<T | "taken"> {
  try {
    return await write;
  } catch (error) {
    if (error instanceof UniqueViolation) return "taken";
    throw error;
  }
}

/** The steps of an update; the first is the one that has to find the account. */
export function updateSteps(
  executor: SqlExecutor,
  model: Model,
  id: string,
  changes: AccountChanges,
): readonly Step[] {
  const { kysely, dialect } = executor;
  const names = model.columns;
  const columns: Record<string, unknown> = { [names.updatedAt]: dialect.momentToDatabase(executor.now()) };
  for (const field of model.fields) {
    const value = changes.fields?.[field.name];
    if (value !== undefined)
      columns[field.column] = value === null ? null : dialect.fieldToDatabase(field.type, value);
  }
  if (changes.password) columns[names.passwordHash] = changes.password.hash;
  if (changes.email !== undefined) {
    columns[names.email] = changes.email;
    // The uid of an account that signs in with its address is that address.
    const [provider, uid] = [sql.ref(names.provider), sql.ref(names.uid)];
    columns[names.uid] = sql`case when ${provider} = 'email' then ${changes.email} else ${uid} end`;
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
  // Clients of this account know the old uid until their next answer.
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
    steps.push(dropUnused(executor, model, id, "password_reset"), endLimited(executor, model, id));
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

/** Writes nothing, but finds out whether a session is still there, and keeps it there until the transaction is over. */
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

/** What a new password does beside the account's row: other sessions end, and links that are still out are worth nothing. */
function passwordSteps(
  executor: SqlExecutor,
  model: Model,
  id: string,
  { keep, endOthers }: PasswordChange,
): readonly Step[] {
  const links = [
    dropUnused(executor, model, id, "password_reset"),
    dropUnused(executor, model, id, "email_change"),
  ];
  return endOthers ? [...links, { query: endSessions(executor, model, id, keep) }] : links;
}

/** Makes the links of a kind that nobody has followed worth nothing. */
export function dropUnused({ kysely }: SqlExecutor, model: Model, id: string, kind: TicketKind): Step {
  const tickets = kysely
    .deleteFrom("keyturn_tickets")
    .where("kind", "=", kind)
    .where("model", "=", model.name)
    .where("account_id", "=", id)
    .where("used_at", "is", null);
  return { query: bound(tickets) };
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

function endSessions({ kysely }: SqlExecutor, model: Model, id: string, except: string | null): BoundQuery {
  return bound(
    kysely
      .deleteFrom("keyturn_sessions")
      .where("model", "=", model.name)
      .where("account_id", "=", id)
      .where("client", "<>", except ?? ""),
  );
}

function dropTickets({ kysely }: SqlExecutor, model: Model, id: string): BoundQuery {
  return bound(
    kysely.deleteFrom("keyturn_tickets").where("model", "=", model.name).where("account_id", "=", id),
  );
}

function insertAccount(executor: SqlExecutor, model: Model, account: NewAccount): BoundQuery {
  const { kysely, dialect } = executor;
  const moment = dialect.momentToDatabase(executor.now());
  const names = model.columns;
  const fields = model.fields
    .filter((field) => (account.fields[field.name] ?? null) !== null)
    .map((field) => [field.column, dialect.fieldToDatabase(field.type, account.fields[field.name])] as const);
  return bound(
    kysely.insertInto(accountsTable(model)).values({
      ...Object.fromEntries(fields),
      ...(shapeOf(executor, model).id.isMissing ? { [names.id]: randomUUID() } : {}),
      [names.provider]: account.provider,
      [names.uid]: account.uid,
      [names.email]: account.email,
      [names.passwordHash]: account.passwordHash,
      [names.confirmedAt]: account.confirmed ? moment : null,
      [names.createdAt]: moment,
      [names.updatedAt]: moment,
    } as never),
  );
}

function modelStatements(executor: SqlExecutor, model: Model): ModelStatements {
  const columns = accountColumns(model);
  const names = model.columns;
  const select = <Values extends object>(
    condition: (place: (name: keyof Values & string) => RawBuilder<unknown>) => RawBuilder<boolean>,
  ) =>
    statement<Values>(executor, (place) =>
      executor.kysely
        .selectFrom(accountsTable(model))
        .select(selectAccount(executor, model, columns))
        .select([
          sql.ref(names.passwordHash).as("password_hash"),
          selectMoment(executor, model, names.confirmedAt).as("confirmed_at"),
        ])
        .where(condition(place)),
    );
  return {
    columns,
    byId: select<{ id: string }>((place) => isAccount(executor, model, place("id"))),
    byEmail: select<{ email: string }>((place) => sql`${sql.ref(names.email)} = ${place("email")}`),
    byUid: select<{ uid: string }>(
      (place) => sql`${sql.ref(names.provider)} = 'email' and ${sql.ref(names.uid)} = ${place("uid")}`,
    ),
  };
}

/** Makes a record of a row that was selected with the model's columns, the password hash and the time of confirmation. */
function readRecord(
  row: readonly unknown[],
  columns: AccountColumns,
  { dialect }: SqlExecutor,
): AccountRecord {
  const end = columns.names.length;
  const confirmedAt = row[end + 1] ?? null;
  return {
    account: readAccount(row, 0, columns, dialect),
    passwordHash: textOrNull(row[end]),
    confirmedAt: confirmedAt === null ? null : Date.parse(dialect.momentFromDatabase(confirmedAt)),
  };
}
