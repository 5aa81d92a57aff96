import { type AliasedRawBuilder, type RawBuilder, sql } from "kysely";
import type { Account, FieldType, Model } from "../../accounts/models.js";
import type { Dialect, SqlExecutor } from "../driver.js";
import type { AccountId, AccountShape } from "../schema/account-shape.js";
import { accountShape } from "../schema/account-table-checks.js";

/** The columns of a model's table that make up an account, and how each is read. */
export interface AccountColumns {
  /** Column names, in the order in which they are selected. */
  readonly names: readonly string[];
  /** What each is called in the account. */
  readonly keys: readonly string[];
  readonly kinds: readonly ("id" | "plain" | "moment" | FieldType)[];
}

export function accountColumns({ columns: names, fields }: Model): AccountColumns {
  const columns = [
    { name: names.id, key: "id", kind: "id" as const },
    { name: names.provider, key: "provider", kind: "plain" as const },
    { name: names.uid, key: "uid", kind: "plain" as const },
    { name: names.email, key: "email", kind: "plain" as const },
    ...fields.map((field) => ({ name: field.column, key: field.name, kind: field.type })),
    { name: names.createdAt, key: "created_at", kind: "moment" as const },
    { name: names.updatedAt, key: "updated_at", kind: "moment" as const },
  ];
  return {
    names: columns.map((column) => column.name),
    keys: columns.map((column) => column.key),
    kinds: columns.map((column) => column.kind),
  };
}

/** Selects an account, from a table of that alias; each column is called by its key behind `its_`. */
export function selectAccount(
  executor: SqlExecutor,
  model: Model,
  { names, keys, kinds }: AccountColumns,
  alias?: string,
): AliasedRawBuilder<unknown, string>[] {
  return names.map((name, i) => {
    const column = sql.ref(alias === undefined ? name : `${alias}.${name}`);
    const kind = kinds[i];
    const selected =
      kind === "id"
        ? executor.dialect.selectId(column)
        : kind === "moment"
          ? selectMoment(executor, model, name, column)
          : column;
    return selected.as(`its_${keys[i]}`);
  });
}

/** Selects a moment of a model's table as `momentFromDatabase` reads it. */
export function selectMoment(
  executor: SqlExecutor,
  model: Model,
  name: string,
  column: RawBuilder<unknown> = sql.ref(name),
): RawBuilder<unknown> {
  return shapeOf(executor, model).zoneless.includes(name) ? executor.dialect.zonelessMoment(column) : column;
}

/** The condition that finds an account's row, in a table of that alias, by the id that sessions and tickets keep as text. */
export function isAccount(
  executor: SqlExecutor,
  model: Model,
  text: RawBuilder<unknown>,
  alias?: string,
): RawBuilder<boolean> {
  const { id } = model.columns;
  const column = sql.ref(alias === undefined ? id : `${alias}.${id}`);
  return sql<boolean>`${column} = ${executor.dialect.accountIdFrom(text, shapeOf(executor, model).id)}`;
}

/** Whether a text can be an id of this model: some databases fail over one that cannot, others take `1a` for 1. */
export function isAccountId(executor: SqlExecutor, model: Model, text: string): boolean {
  const { kind } = shapeOf(executor, model).id;
  return (
    idPatterns[kind].test(text) && (kind !== "number" || BigInt.asIntN(64, BigInt(text)) === BigInt(text))
  );
}

const idPatterns: Readonly<Record<AccountId["kind"], RegExp>> = {
  number: /^(0|-?[1-9]\d{0,18})$/,
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  text: /^[^\0]{1,64}$/u,
};

/** What the model's table is: as the migration saw it, or as it would be made. */
export function shapeOf({ accountShapes, dialect }: SqlExecutor, model: Model): AccountShape {
  return accountShapes.get(model) ?? accountShape(dialect, model, undefined);
}

/** Makes an account of a row, from position `start` on. */
export function readAccount(
  row: readonly unknown[],
  start: number,
  columns: AccountColumns,
  dialect: Dialect,
): Account {
  const account: Record<string, unknown> = {};
  for (let i = 0; i < columns.keys.length; i++) {
    const value = row[start + i];
    const kind = columns.kinds[i] ?? "plain";
    const key = columns.keys[i] ?? "";
    if (kind === "plain" || kind === "id" || value === null) account[key] = value;
    else
      account[key] =
        kind === "moment" ? dialect.momentFromDatabase(value) : dialect.fieldFromDatabase(kind, value);
  }
  return account as Account;
}

/** What was prepared for each model, at the start. */
export function ofModel<T>(prepared: ReadonlyMap<Model, T>, model: Model): T {
  const found = prepared.get(model);
  if (found === undefined) throw new TypeError(`The store was opened without the model "${model.name}"`);
  return found;
}
