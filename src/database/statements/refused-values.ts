import { sql } from "kysely";
import { fieldKeysOf } from "../../accounts/authentication-keys.js";
import type { Model } from "../../accounts/models.js";
import { AuthError, type Problem } from "../../errors.js";
import { TooLong, UniqueViolation, ValueRefused } from "../database-error.js";
import type { SqlExecutor } from "../driver.js";
import { accountsTable } from "../schema/schema.js";
import { columnValue, shapeOf } from "./account-columns.js";

/**
 * Returns `"taken"` where a unique index of an address refused the write: the database decides who was first. What else it refuses
 * about a value is AuthError `invalid`, at the field where the column is known. `address`: what was to be written; asked for where an
 * index does not say what it is about.
 */
export async function orTaken<T>(
  executor: SqlExecutor,
  model: Model,
  write: () => Promise<T>,
  address: string | undefined,
): Promise<T | "taken"> {
  try {
    return await write();
  } catch (error) {
    if (error instanceof TooLong)
      throw invalid(model, error.column, { code: "too_long", count: error.count }, error);
    if (error instanceof ValueRefused) throw invalid(model, error.column, { code: "invalid" }, error);
    if (!(error instanceof UniqueViolation)) throw error;
    const { id, email, provider, uid } = model.columns;
    const columns = error.columns ?? columnsOf(executor, model, error.constraint);
    // Rows were imported with their ids and the sequence stayed behind: nothing that a client could change.
    if (columns?.every((column) => column === id)) throw error;
    const isAddress = columns?.every((column) => [email, provider, uid].includes(column));
    if (isAddress) return "taken";
    // Another unique column of the app's own. Some databases name its index only, which most are named after.
    const column =
      columns?.find((one) => fieldOf(model, one) !== undefined) ?? columnIn(model, error.constraint);
    if (column === undefined && address !== undefined && (await hasAddress(executor, model, address)))
      return "taken";
    throw invalid(model, column, { code: "taken" }, error);
  }
}

/** Throws AuthError `invalid` for an address that the table cannot hold, before a mail goes out to it. */
export function refuseUnfit(executor: SqlExecutor, model: Model, address: string): void {
  const { email, uid } = model.columns;
  try {
    for (const name of [email, uid]) columnValue(executor, model, name, address);
  } catch (error) {
    if (!(error instanceof TooLong)) throw error;
    throw invalid(model, email, { code: "too_long", count: error.count }, error);
  }
}

function invalid(model: Model, column: string | undefined, problem: Problem, cause: Error): AuthError {
  const field = column === undefined ? undefined : fieldOf(model, column);
  const { email, uid } = model.columns;
  const place = field ?? (column === email || column === uid ? "email" : "base");
  // Without a field there is nothing that "has already been taken" could be said of.
  return new AuthError("invalid", {
    problems: new Map([[place, [place === "base" ? { code: "invalid_values" } : problem]]]),
    cause,
  });
}

/** The field that a column holds, or that it holds as it is compared. */
function fieldOf(model: Model, column: string): string | undefined {
  const named: readonly { readonly name: string; readonly column: string }[] = [
    ...model.fields,
    ...fieldKeysOf(model),
  ];
  return named.find((one) => one.column === column)?.name;
}

/** Whether a row has this address, also in another spelling: an index of the app's own, on an expression, may hold those for equal. */
async function hasAddress(executor: SqlExecutor, model: Model, address: string): Promise<boolean> {
  const { email, provider, uid } = model.columns;
  const query = executor.kysely
    .selectFrom(accountsTable(model))
    .select(sql<number>`1`.as("one"))
    .where(
      sql<boolean>`lower(${sql.ref(email)}) = ${address} or (${sql.ref(provider)} = 'email' and ${sql.ref(uid)} = ${address})`,
    )
    .limit(1)
    .compile();
  return (await executor.run({ sql: query.sql, values: query.parameters })).rows.length > 0;
}

/** The columns of an index that was there when the table was looked at. */
function columnsOf(
  executor: SqlExecutor,
  model: Model,
  index: string | undefined,
): readonly string[] | undefined {
  const columns = index === undefined ? [] : shapeOf(executor, model).columnsOf(index);
  return columns.length > 0 ? columns : undefined;
}

function columnIn(model: Model, index = ""): string | undefined {
  const columns = [...fieldKeysOf(model), ...model.fields].map(({ column }) => column);
  return columns.find((column) => index.split(/[._]/).join("_").includes(column));
}
