import { type AliasedRawBuilder, type RawBuilder, sql } from "kysely";
import { columnsFor } from "../../accounts/column-list.js";
import type { Account, Model } from "../../accounts/models.js";
import type { SqlExecutor } from "../driver.js";
import type { AccountId, AccountShape } from "../schema/account-shape.js";
import type { ColumnForm } from "../schema/column-form.js";
import { accountShape } from "../schema/judged-columns.js";

/** The columns of a model's table that make up an account. */
export interface AccountColumns {
  /** Column names, in the order in which they are selected. */
  readonly names: readonly string[];
  /** What each is called in the account. */
  readonly keys: readonly string[];
  /** How each value that is not null is read; `undefined`: as it is. Known from the first statement on. */
  readonly readers: () => readonly ColumnForm["read"][];
}

export function accountColumns(executor: SqlExecutor, model: Model): AccountColumns {
  const listed = columnsFor(model).flatMap(({ key, shownAs }) =>
    shownAs === undefined ? [] : [{ name: model.columns[key], key: shownAs }],
  );
  const fields = model.fields.map(({ name, column }) => ({ name: column, key: name }));
  const columns = [...listed.slice(0, -2), ...fields, ...listed.slice(-2)];
  const names = columns.map((column) => column.name);
  let readers: readonly ColumnForm["read"][] | undefined;
  return {
    names,
    keys: columns.map((column) => column.key),
    readers: () => (readers ??= names.map((name) => columnForm(executor, model, name).read)),
  };
}

/** Selects an account, from a table of that alias; each column is called by its key behind `its_`. */
export function selectAccount(
  executor: SqlExecutor,
  model: Model,
  { names, keys }: AccountColumns,
  alias?: string,
): AliasedRawBuilder<unknown, string>[] {
  return names.map((name, i) => selectColumn(executor, model, name, alias).as(`its_${keys[i]}`));
}

/** How a column of the model's table holds its values. */
export function columnForm(executor: SqlExecutor, model: Model, name: string): ColumnForm {
  const form = shapeOf(executor, model).forms.get(name);
  if (!form) throw new TypeError(`The column "${name}" of the table "${model.table}" was not looked at`);
  return form;
}

/** Selects a column as its form reads it. */
export function selectColumn(
  executor: SqlExecutor,
  model: Model,
  name: string,
  alias?: string,
): RawBuilder<unknown> {
  return columnForm(executor, model, name).select(sql.ref(alias === undefined ? name : `${alias}.${name}`));
}

/** Makes a value for a column of the model's table. Throws ValueRefused for one that the column would change. */
export function columnValue(executor: SqlExecutor, model: Model, name: string, value: unknown): unknown {
  return value === null || value === undefined ? null : columnForm(executor, model, name).write(value);
}

/** What stands in the column of confirmation of a new account: that it happened at this moment, or not. */
export function confirmationValue(executor: SqlExecutor, model: Model, at: number | null): unknown {
  const { write, none = null } = columnForm(executor, model, model.columns.confirmedAt);
  return at === null ? none : write(at);
}

/** What stands there when an account has confirmed at this moment, or did so before. */
export function confirmationBy(executor: SqlExecutor, model: Model, at: number): RawBuilder<unknown> {
  const value = confirmationValue(executor, model, at);
  if (columnForm(executor, model, model.columns.confirmedAt).none !== undefined) return sql`${value}`;
  return sql`case when ${isUnconfirmed(executor, model)} then ${value} else ${sql.ref(model.columns.confirmedAt)} end`;
}

/** The condition that an account has not confirmed its address. */
export function isUnconfirmed(executor: SqlExecutor, model: Model): RawBuilder<boolean> {
  const { none, isNoMoment } = columnForm(executor, model, model.columns.confirmedAt);
  const column = sql.ref(model.columns.confirmedAt);
  const isNone = none !== undefined ? sql<boolean>`${column} = ${none}` : isNoMoment?.(column);
  return isNone ? sql<boolean>`(${column} is null or ${isNone})` : sql<boolean>`${column} is null`;
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
  let shape = accountShapes.get(model);
  if (!shape) {
    shape = accountShape(dialect, model, undefined);
    accountShapes.set(model, shape);
  }
  return shape;
}

/** Makes an account of a row, from position `start` on. */
export function readAccount(row: readonly unknown[], start: number, columns: AccountColumns): Account {
  const account: Record<string, unknown> = {};
  const readers = columns.readers();
  for (let i = 0; i < columns.keys.length; i++) {
    const value = row[start + i];
    const read = readers[i];
    account[columns.keys[i] ?? ""] = read === undefined || value === null ? value : read(value);
  }
  return account as Account;
}

/** What was prepared for each model, at the start. */
export function ofModel<T>(prepared: ReadonlyMap<Model, T>, model: Model): T {
  const found = prepared.get(model);
  if (found === undefined) throw new TypeError(`The store was opened without the model "${model.name}"`);
  return found;
}
