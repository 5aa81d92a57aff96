import { randomUUID } from "node:crypto";
import { type RawBuilder, sql } from "kysely";
import type { Model } from "../../accounts/models.js";
import type { BoundQuery, SqlExecutor } from "../driver.js";
import type { AccountRecord, AccountStore, NewAccount } from "../port.js";
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
import { bound, deleteSteps, lockSteps, orTaken, updateSteps } from "./account-steps.js";
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
    async delete(model, id, by) {
      if (!isAccountId(executor, model, id)) return false;
      return (await executor.atomically(deleteSteps(executor, model, id, { by }))) !== undefined;
    },
    async deleteUnconfirmed(model, id) {
      const condition = sql<boolean>`${sql.ref(model.columns.confirmedAt)} is null`;
      return (await executor.atomically(deleteSteps(executor, model, id, { condition }))) !== undefined;
    },
  };
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
    statement<Values>(
      executor,
      (place) =>
        executor.kysely
          .selectFrom(accountsTable(model))
          .select(selectAccount(executor, model, columns))
          .select([
            sql.ref(names.passwordHash).as("password_hash"),
            selectMoment(executor, model, names.confirmedAt).as("confirmed_at"),
          ])
          .where(condition(place)),
      { isOneRow: true },
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
