import { randomUUID } from "node:crypto";
import { type RawBuilder, sql } from "kysely";
import { type FieldKey, fieldKeysOf } from "../../accounts/authentication-keys.js";
import type { ColumnKey } from "../../accounts/column-list.js";
import { readKey } from "../../accounts/key-reading.js";
import type { Model } from "../../accounts/models.js";
import { AuthError } from "../../errors.js";
import type { AccountRecord, AccountStore, ColumnChange, NewAccount } from "../account-port.js";
import { ValueRefused } from "../database-error.js";
import type { BoundQuery, SqlExecutor } from "../driver.js";
import { accountsTable } from "../schema/schema.js";
import { type Statement, statement } from "../statement.js";
import {
  type AccountColumns,
  accountColumns,
  columnValue,
  confirmationValue,
  isAccount,
  isAccountId,
  isUnconfirmed,
  ofModel,
  shapeOf,
} from "./account-columns.js";
import { fieldColumns } from "./account-keys.js";
import { listAccounts } from "./account-list.js";
import { createAccountLocks } from "./account-locks.js";
import { readRecord, selectRecord } from "./account-records.js";
import { bound, confirmSteps, deleteSteps, lockSteps, updateSteps } from "./account-steps.js";
import { inviteSteps } from "./flows.js";
import { orTaken } from "./refused-values.js";

interface ModelStatements {
  readonly columns: AccountColumns;
  readonly byId: Statement<{ id: string }>;
  readonly byEmail: Statement<{ email: string }>;
  readonly byUid: Statement<{ provider: string; uid: string }>;
  readonly byKey: ReadonlyMap<FieldKey, Statement<{ value: string }>>;
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
    return rows[0] && readRecord(executor, model, rows[0], statements.columns);
  };
  const find = async (model: Model, id: string): Promise<AccountRecord | undefined> =>
    isAccountId(executor, model, id) ? first(model, ({ byId }) => byId.bind({ id })) : undefined;
  // A collation may hold two addresses for equal that differ in an accent, or in characters that nobody sees: the other one's owner is
  // somebody else, and a reset link for it would open this account.
  const findByEmail = async (model: Model, email: string): Promise<AccountRecord | undefined> => {
    const record = await first(model, ({ byEmail }) => byEmail.bind({ email }));
    return record?.account.email?.trim().toLowerCase() === email.toLowerCase() ? record : undefined;
  };

  return {
    ...createAccountLocks(executor),
    find,
    findByEmail,
    async findByUid(model, provider, uid) {
      const record = await first(model, ({ byUid }) => byUid.bind({ provider, uid }));
      return record?.account.uid === uid ? record : undefined;
    },
    async findByKey(model, key, value) {
      const record = await first(model, ({ byKey }) => ofKey(byKey, key).bind({ value }));
      // The app's own code may have written the field and not its key, and a column of its own may hold two values for equal.
      const field = record?.account[key.name];
      const reading = typeof field === "string" ? readKey(key, field) : undefined;
      return reading?.ok && reading.key === value ? record : undefined;
    },
    async create(model, account) {
      const write = async (): Promise<unknown> => {
        // Made in here: a value that no column can hold is refused like one that the database refuses.
        const insert = insertAccount(executor, model, account);
        return account.invitation === undefined
          ? executor.run(insert)
          : executor.atomically([...inviteSteps(executor, account.invitation), { query: insert }]);
      };
      const inserted = await orTaken(executor, model, write, account.uid);
      if (inserted === "taken") return "taken";
      if (inserted === undefined) throw new AuthError("invitation_invalid");
      const created = await first(model, ({ byUid }) =>
        byUid.bind({ provider: account.provider, uid: account.uid }),
      );
      if (!created) throw new Error(`The account that was just written to "${model.table}" is not there`);
      return created;
    },
    async update(model, id, changes) {
      const write = () =>
        executor.atomically([
          ...lockSteps(executor, model, id),
          ...updateSteps(executor, model, id, changes),
        ]);
      const done = await orTaken(executor, model, write, changes.email);
      return done === "taken" ? "taken" : done && find(model, id);
    },
    async confirm(model, id) {
      if (!isAccountId(executor, model, id)) return false;
      return (await executor.atomically(confirmSteps(executor, model, id))) !== undefined;
    },
    list: (model, query) => listAccounts(executor, model, ofModel(prepared, model).columns, query),
    async rehash(model, id, from, to) {
      const { passwordHash } = model.columns;
      const query = executor.kysely
        .updateTable(accountsTable(model))
        .set({ [passwordHash]: columnValue(executor, model, passwordHash, to) })
        .where(isAccount(executor, model, sql`${id}`))
        .where(sql<boolean>`${sql.ref(passwordHash)} = ${from}`);
      await executor.run(bound(query));
    },
    async writeColumns(model, id, change) {
      if (!isAccountId(executor, model, id)) return false;
      return (await executor.run(changeColumns(executor, model, id, change))).changes > 0;
    },
    async delete(model, id, by) {
      if (!isAccountId(executor, model, id)) return false;
      try {
        return (await executor.atomically(deleteSteps(executor, model, id, { by }))) !== undefined;
      } catch (error) {
        if (!(error instanceof ValueRefused)) throw error;
        throw new AuthError("account_in_use", { cause: error });
      }
    },
    async deleteUnconfirmed(model, id) {
      const condition = isUnconfirmed(executor, model);
      try {
        return (await executor.atomically(deleteSteps(executor, model, id, { condition }))) !== undefined;
      } catch (error) {
        if (!(error instanceof ValueRefused)) throw error;
        return false;
      }
    },
  };
}

/** Writes a new account. */
export function insertAccount(executor: SqlExecutor, model: Model, account: NewAccount): BoundQuery {
  const names = model.columns;
  const made = (name: string, value: unknown): unknown => columnValue(executor, model, name, value);
  const now = executor.now();
  const fields = fieldColumns(executor, model, account.fields).filter(([, value]) => value !== null);
  return bound(
    executor.kysely.insertInto(accountsTable(model)).values({
      ...Object.fromEntries(fields),
      ...(shapeOf(executor, model).id.isMissing ? { [names.id]: randomUUID() } : {}),
      [names.provider]: made(names.provider, account.provider),
      [names.uid]: made(names.uid, account.uid),
      [names.email]: made(names.email, account.email),
      [names.passwordHash]: made(names.passwordHash, account.passwordHash),
      [names.confirmedAt]: confirmationValue(executor, model, account.confirmed ? now : null),
      [names.createdAt]: made(names.createdAt, now),
      [names.updatedAt]: made(names.updatedAt, now),
    } as never),
  );
}

// Moved before it is set: MySQL reads columns as the assignments before have left them.
function changeColumns(
  executor: SqlExecutor,
  model: Model,
  id: string,
  { increment = [], move = {}, set = {} }: ColumnChange,
): BoundQuery {
  const { columns: names } = model;
  const column = (key: string): string => names[key as ColumnKey];
  const counted = increment.map((key) => [names[key], sql`coalesce(${sql.ref(names[key])}, 0) + 1`] as const);
  const moved = Object.entries(move).map(([to, from]) => [column(to), sql.ref(column(from))] as const);
  const written = Object.entries(set).map(([key, value]) => {
    const given = value === "now" ? executor.now() : value;
    return [column(key), columnValue(executor, model, column(key), given)] as const;
  });
  return bound(
    executor.kysely
      .updateTable(accountsTable(model))
      .set(Object.fromEntries([...counted, ...moved, ...written]))
      .where(isAccount(executor, model, sql`${id}`)),
  );
}

function ofKey<T>(prepared: ReadonlyMap<FieldKey, T>, key: FieldKey): T {
  const found = prepared.get(key);
  if (found === undefined) throw new TypeError(`The store was opened without the key "${key.name}"`);
  return found;
}

function modelStatements(executor: SqlExecutor, model: Model): ModelStatements {
  const columns = accountColumns(executor, model);
  const names = model.columns;
  const select = <Values extends object>(
    condition: (place: (name: keyof Values & string) => RawBuilder<unknown>) => RawBuilder<boolean>,
  ) =>
    statement<Values>(
      executor,
      (place) =>
        executor.kysely
          .selectFrom(accountsTable(model))
          .select(selectRecord(executor, model, columns))
          .where(condition(place)),
      { isOneRow: true },
    );
  return {
    columns,
    byId: select<{ id: string }>((place) => isAccount(executor, model, place("id"))),
    byEmail: select<{ email: string }>((place) => sql`${sql.ref(names.email)} = ${place("email")}`),
    byUid: select<{ provider: string; uid: string }>(
      (place) =>
        sql`${sql.ref(names.provider)} = ${place("provider")} and ${sql.ref(names.uid)} = ${place("uid")}`,
    ),
    byKey: new Map(
      fieldKeysOf(model).map((key) => [
        key,
        select<{ value: string }>((place) => sql`${sql.ref(key.column)} = ${place("value")}`),
      ]),
    ),
  };
}
