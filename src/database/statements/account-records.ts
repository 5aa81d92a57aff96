import { type AliasedRawBuilder, sql } from "kysely";
import type { ColumnKey } from "../../accounts/column-list.js";
import type { Model } from "../../accounts/models.js";
import type { AccountRecord } from "../account-port.js";
import type { SqlExecutor } from "../driver.js";
import {
  type AccountColumns,
  columnForm,
  readAccount,
  selectAccount,
  selectColumn,
} from "./account-columns.js";
import { textOrNull } from "./rows.js";

/** Selects what `readRecord` reads. */
export function selectRecord(
  executor: SqlExecutor,
  model: Model,
  columns: AccountColumns,
): AliasedRawBuilder<unknown, string>[] {
  const names = model.columns;
  return [
    ...selectAccount(executor, model, columns),
    sql.ref(names.passwordHash).as("password_hash"),
    selectColumn(executor, model, names.confirmedAt).as("confirmed_at"),
    ...stateColumns
      .filter(({ when }) => model[when])
      .map(({ key }) => selectColumn(executor, model, names[key]).as(key)),
  ];
}

/** What features keep of an account's state, in the order in which it is selected. */
const stateColumns = [
  { key: "lockedAt", when: "lockable" },
  { key: "disabledAt", when: "disableable" },
] as const;

/** Makes a record of a row that was selected with the model's columns, the password hash, the confirmation and the state. */
export function readRecord(
  executor: SqlExecutor,
  model: Model,
  row: readonly unknown[],
  columns: AccountColumns,
): AccountRecord {
  let next = columns.names.length;
  const account = readAccount(row, 0, columns);
  const read = (key: ColumnKey): unknown => {
    const value = row[next++] ?? null;
    const form = columnForm(executor, model, model.columns[key]);
    return value === null || !form.read ? value : form.read(value);
  };
  const passwordHash = textOrNull(row[next++]);
  const confirmed = read("confirmedAt");
  // A column may tell only that it happened: at some time since the account was made.
  const confirmedAt = confirmed === true ? (account.created_at ?? new Date(0).toISOString()) : confirmed;
  const lockedAt = model.lockable ? read("lockedAt") : null;
  const disabledAt = model.disableable ? read("disabledAt") : null;
  return {
    account,
    passwordHash,
    confirmedAt: momentOrNull(confirmedAt),
    lockedAt: momentOrNull(lockedAt),
    disabledAt: momentOrNull(disabledAt),
  };
}

function momentOrNull(value: unknown): number | null {
  return value === null ? null : Date.parse(String(value));
}
