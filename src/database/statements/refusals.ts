import type { Model } from "../../accounts/models.js";
import { AuthError, type Problem } from "../../errors.js";
import { type SqlExecutor, UniqueViolation, ValueRefused } from "../driver.js";
import { shapeOf } from "./account-columns.js";

/**
 * Does a write to a model's table. `"taken"`: its address, or its uid, is another account's: the database decides who was first. Throws
 * AuthError `invalid` for a value that the table refuses, with the field where that is known.
 */
export async function orTaken<T>(
  executor: SqlExecutor,
  model: Model,
  write: () => Promise<T>,
): Promise<T | "taken"> {
  try {
    return await write();
  } catch (error) {
    if (error instanceof UniqueViolation) {
      const field = uniqueField(executor, model, error.index);
      if (field === "email") return "taken";
      throw refused(field, { code: "taken" });
    }
    if (error instanceof ValueRefused) {
      const { code, column, count } = error;
      const field = fieldOf(model, column);
      // Nothing that a client sends would change it: a column that the app has to fill.
      if (code === "blank" && field === undefined) throw error;
      const isLong = code === "too_long" && count !== undefined;
      throw refused(
        field ?? "base",
        isLong ? { code, count } : { code: code === "blank" ? code : "invalid" },
      );
    }
    throw error;
  }
}

function refused(field: string, problem: Problem): AuthError {
  return new AuthError("invalid", { problems: new Map([[field, [problem]]]) });
}

/** The field that an index of the table is about. An app may hold columns of its own to be unique. */
function uniqueField(executor: SqlExecutor, model: Model, index: string | undefined): string {
  if (index === undefined) return "email";
  const { columns } = model;
  // SQLite names the columns in place of the index.
  const named = shapeOf(executor, model).columnsOf(index);
  const names = (named.length > 0 ? named : index.split(",")).map((name) => name.toLowerCase());
  const has = (name: string): boolean => names.includes(name.toLowerCase());
  if (has(columns.email) || has(columns.uid)) return "email";
  const field = model.fields.find(({ column }) => has(column));
  // Ours have names that end so; a table may have got them since it was looked at.
  return field?.name ?? (/_(email|uid)_unique(_2)*$/.test(index) ? "email" : "base");
}

function fieldOf(model: Model, column: string | undefined): string | undefined {
  if (column === undefined) return undefined;
  const is = (name: string): boolean => name.toLowerCase() === column.toLowerCase();
  if (is(model.columns.email) || is(model.columns.uid)) return "email";
  return model.fields.find((field) => is(field.column))?.name;
}
