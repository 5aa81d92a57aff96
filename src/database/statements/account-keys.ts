import { fieldKeysOf } from "../../accounts/authentication-keys.js";
import { readKey } from "../../accounts/key-reading.js";
import type { Model } from "../../accounts/models.js";
import { AuthError } from "../../errors.js";
import type { SqlExecutor } from "../driver.js";
import { columnValue } from "./account-columns.js";

/**
 * The columns of a model's fields with what is to be written, and of those that accounts are named by the column that is compared:
 * every write of a field comes through here, so that the two agree. Throws AuthError `invalid` for a value that can name nobody.
 */
export function fieldColumns(
  executor: SqlExecutor,
  model: Model,
  fields: Readonly<Record<string, unknown>>,
): readonly (readonly [column: string, value: unknown])[] {
  const { shown, keys } = readKeys(model, fields);
  const written = model.fields.flatMap(({ name, column }) => {
    const value = shown[name];
    return value === undefined ? [] : [[column, value] as const];
  });
  return [...written, ...keys].map(([column, value]) => [
    column,
    columnValue(executor, model, column, value),
  ]);
}

function readKeys(model: Model, fields: Readonly<Record<string, unknown>>) {
  const shown: Record<string, unknown> = { ...fields };
  const keys: (readonly [column: string, value: string | null])[] = [];
  for (const key of fieldKeysOf(model)) {
    const value = fields[key.name];
    if (value === undefined) continue;
    const reading = typeof value === "string" ? readKey(key, value) : undefined;
    if (reading?.ok === false && reading.problem !== "blank")
      throw new AuthError("invalid", { problems: new Map([[key.name, [{ code: "invalid" }]]]) });
    shown[key.name] = reading?.ok ? reading.shown : null;
    keys.push([key.column, reading?.ok ? reading.key : null]);
  }
  return { shown, keys };
}
