import type { Account, FieldType, Model } from "../core/models.js";
import type { Dialect } from "./engine.js";

/** The columns of a model's table that make up an account, and how each is read. */
export interface AccountColumns {
  /** Column names, in the order in which they are selected. */
  readonly names: readonly string[];
  /** What each is called in the account. */
  readonly keys: readonly string[];
  readonly kinds: readonly ("plain" | "moment" | FieldType)[];
}

export function accountColumns(model: Model): AccountColumns {
  const columns = [
    ...(["id", "provider", "uid", "email"] as const).map((name) => ({
      name,
      key: name,
      kind: "plain" as const,
    })),
    ...model.fields.map((field) => ({ name: field.column, key: field.name, kind: field.type })),
    ...(["created_at", "updated_at"] as const).map((name) => ({ name, key: name, kind: "moment" as const })),
  ];
  return {
    names: columns.map((column) => column.name),
    keys: columns.map((column) => column.key),
    kinds: columns.map((column) => column.kind),
  };
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
    if (kind === "plain" || value === null) account[key] = value;
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
