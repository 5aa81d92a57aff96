import { type RawBuilder, sql } from "kysely";
import type { Model } from "../core/models.js";
import type {
  AccountChanges,
  AccountRecord,
  AccountStore,
  NewAccount,
  PasswordChange,
  TicketKind,
} from "../core/store.js";
import { type AccountColumns, accountColumns, ofModel, readAccount } from "./account-columns.js";
import { type BoundQuery, type Engine, type Step, UniqueViolation } from "./engine.js";
import { textOrNull } from "./rows.js";
import { accountsTable } from "./schema.js";
import { type Statement, statement } from "./statement.js";

interface ModelStatements {
  readonly columns: AccountColumns;
  readonly byId: Statement<{ id: string }>;
  readonly byEmail: Statement<{ email: string }>;
  readonly byUid: Statement<{ uid: string }>;
}

/** The statements over the models' tables. */
export function createAccountStore(engine: Engine, models: readonly Model[]): AccountStore {
  const prepared = new Map(models.map((model) => [model, modelStatements(engine, model)]));
  const first = async (
    model: Model,
    query: (statements: ModelStatements) => BoundQuery,
  ): Promise<AccountRecord | undefined> => {
    const statements = ofModel(prepared, model);
    const { rows } = await engine.run(query(statements));
    return rows[0] && readRecord(rows[0], statements.columns, engine);
  };
  const find = (model: Model, id: string): Promise<AccountRecord | undefined> =>
    first(model, ({ byId }) => byId.bind({ id }));
  const findByEmail = (model: Model, email: string): Promise<AccountRecord | undefined> =>
    first(model, ({ byEmail }) => byEmail.bind({ email }));

  return {
    find,
    findByEmail,
    findByUid: (model, uid) => first(model, ({ byUid }) => byUid.bind({ uid })),
    async create(model, account) {
      const inserted = await orTaken(engine.run(insertAccount(engine, model, account)));
      if (inserted === "taken") return "taken";
      const created = await first(model, ({ byUid }) => byUid.bind({ uid: account.uid }));
      if (!created) throw new Error(`The account that was just written to "${model.table}" is not there`);
      return created;
    },
    async update(model, id, changes) {
      const steps = [...lockSteps(engine, model, id), ...updateSteps(engine, model, id, changes)];
      const done = await orTaken(engine.atomically(steps));
      return done === "taken" ? "taken" : done && find(model, id);
    },
    async rehash(model, id, from, to) {
      const { kysely, dialect } = engine;
      const query = kysely
        .updateTable(accountsTable(model))
        .set({ password_hash: to })
        .where("id", "=", dialect.accountIdFrom(sql`${id}`) as never)
        .where("password_hash", "=", from);
      await engine.run(bound(query));
    },
    async delete(model, id) {
      const { kysely, dialect } = engine;
      const account = kysely
        .deleteFrom(accountsTable(model))
        .where("id", "=", dialect.accountIdFrom(sql`${id}`) as never);
      const done = await engine.atomically([
        ...lockSteps(engine, model, id),
        { query: bound(account), required: true },
        { query: endSessions(engine, model, id, null) },
        { query: dropTickets(engine, model, id) },
      ]);
      return done !== undefined;
    },
  };
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
  engine: Engine,
  model: Model,
  id: string,
  changes: AccountChanges,
): readonly Step[] {
  const { kysely, dialect } = engine;
  const idOf = dialect.accountIdFrom(sql`${id}`);
  const columns: Record<string, unknown> = { updated_at: dialect.momentToDatabase(engine.now()) };
  for (const field of model.fields) {
    const value = changes.fields?.[field.name];
    if (value !== undefined)
      columns[field.column] = value === null ? null : dialect.fieldToDatabase(field.type, value);
  }
  if (changes.password) columns["password_hash"] = changes.password.hash;
  if (changes.email !== undefined) {
    columns["email"] = changes.email;
    // The uid of an account that signs in with its address is that address.
    columns["uid"] = sql`case when provider = 'email' then ${changes.email} else uid end`;
  }
  let account = kysely
    .updateTable(accountsTable(model))
    .set(columns)
    .where("id", "=", idOf as never);
  if (changes.ifPasswordHash !== undefined) {
    const read = changes.ifPasswordHash;
    account = account.where("password_hash", read === null ? "is" : "=", read as never);
  }
  const steps: Step[] = changes.by === undefined ? [] : [sessionStep(engine, model, id, changes.by)];
  // Clients of this account know the old uid until their next answer.
  if (changes.email !== undefined) {
    const oldUid = kysely
      .selectFrom(accountsTable(model))
      .select("uid")
      .where("id", "=", idOf as never);
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
    steps.push(dropUnused(engine, model, id, "password_reset"), endLimited(engine, model, id));
  if (changes.password) steps.push(...passwordSteps(engine, model, id, changes.password));
  return steps;
}

/** Changes of one account come one after the other; the account first, then what belongs to it, so that none waits for another in a circle. */
export function lockSteps({ kysely, dialect }: Engine, model: Model, id: string): readonly Step[] {
  if (!dialect.forUpdate) return [];
  const row = kysely
    .selectFrom(accountsTable(model))
    .select("id")
    .where("id", "=", dialect.accountIdFrom(sql`${id}`) as never);
  return [{ query: bound(row.modifyEnd(dialect.forUpdate)) }];
}

/** Writes nothing, but finds out whether a session is still there, and keeps it there until the transaction is over. */
export function sessionStep({ kysely }: Engine, model: Model, id: string, client: string): Step {
  const session = kysely
    .updateTable("keyturn_sessions")
    .set({ held_until: sql<number>`held_until` })
    .where("client", "=", client)
    .where("model", "=", model.name)
    .where("account_id", "=", id)
    .where("limited_to", "is", null);
  return { query: bound(session), required: true };
}

/** What a new password does beside the account's row: other sessions end, and links that are still out are worth nothing. */
function passwordSteps(
  engine: Engine,
  model: Model,
  id: string,
  { keep, endOthers }: PasswordChange,
): readonly Step[] {
  const links = [
    dropUnused(engine, model, id, "password_reset"),
    dropUnused(engine, model, id, "email_change"),
  ];
  return endOthers ? [...links, { query: endSessions(engine, model, id, keep) }] : links;
}

/** Makes the links of a kind that nobody has followed worth nothing. */
export function dropUnused({ kysely }: Engine, model: Model, id: string, kind: TicketKind): Step {
  const tickets = kysely
    .deleteFrom("keyturn_tickets")
    .where("kind", "=", kind)
    .where("model", "=", model.name)
    .where("account_id", "=", id)
    .where("used_at", "is", null);
  return { query: bound(tickets) };
}

function endLimited({ kysely }: Engine, model: Model, id: string): Step {
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

function endSessions({ kysely }: Engine, model: Model, id: string, except: string | null): BoundQuery {
  return bound(
    kysely
      .deleteFrom("keyturn_sessions")
      .where("model", "=", model.name)
      .where("account_id", "=", id)
      .where("client", "<>", except ?? ""),
  );
}

function dropTickets({ kysely }: Engine, model: Model, id: string): BoundQuery {
  return bound(
    kysely.deleteFrom("keyturn_tickets").where("model", "=", model.name).where("account_id", "=", id),
  );
}

function insertAccount(engine: Engine, model: Model, account: NewAccount): BoundQuery {
  const { kysely, dialect } = engine;
  const moment = dialect.momentToDatabase(engine.now());
  const fields = model.fields
    .filter((field) => (account.fields[field.name] ?? null) !== null)
    .map((field) => [field.column, dialect.fieldToDatabase(field.type, account.fields[field.name])] as const);
  return bound(
    kysely.insertInto(accountsTable(model)).values({
      ...Object.fromEntries(fields),
      provider: account.provider,
      uid: account.uid,
      email: account.email,
      password_hash: account.passwordHash,
      confirmed_at: account.confirmed ? moment : null,
      created_at: moment,
      updated_at: moment,
    }),
  );
}

function modelStatements(engine: Engine, model: Model): ModelStatements {
  const columns = accountColumns(model);
  const select = <Values extends object>(
    condition: (place: (name: keyof Values & string) => RawBuilder<unknown>) => RawBuilder<boolean>,
  ) =>
    statement<Values>(engine, (place) =>
      engine.kysely
        .selectFrom(accountsTable(model))
        .select(
          [...columns.names, "password_hash", "confirmed_at"].map((column) => sql.ref(column).as(column)),
        )
        .where(condition(place)),
    );
  return {
    columns,
    byId: select<{ id: string }>((place) => sql`id = ${engine.dialect.accountIdFrom(place("id"))}`),
    byEmail: select<{ email: string }>((place) => sql`email = ${place("email")}`),
    byUid: select<{ uid: string }>((place) => sql`provider = 'email' and uid = ${place("uid")}`),
  };
}

/** Makes a record of a row that was selected with the model's columns, the password hash and the time of confirmation. */
function readRecord(row: readonly unknown[], columns: AccountColumns, { dialect }: Engine): AccountRecord {
  const end = columns.names.length;
  const confirmedAt = row[end + 1] ?? null;
  return {
    account: readAccount(row, 0, columns, dialect),
    passwordHash: textOrNull(row[end]),
    confirmedAt: confirmedAt === null ? null : Date.parse(dialect.momentFromDatabase(confirmedAt)),
  };
}
