import type { Model } from "../../accounts/models.js";
import { AuthError, type Problem } from "../../errors.js";
import { TooLong, UniqueViolation, ValueRefused } from "../database-error.js";
import type { SqlExecutor } from "../driver.js";
import { shapeOf } from "./account-columns.js";

/**
 * Returns `"taken"` where the unique index of an address refused the write: the database decides who was first. What else it refuses
 * about a value is AuthError `invalid`, at the field where the database names its column. `isTaken`: asks whether an address of the
 * account has an owner, for databases that do not name the columns of an index.
 */
export async function orTaken<T>(
  executor: SqlExecutor,
  model: Model,
  write: () => Promise<T>,
  isTaken: () => Promise<boolean>,
): Promise<T | "taken"> {
  try {
    return await write();
  } catch (error) {
    if (error instanceof TooLong)
      throw invalid(model, error.column, { code: "too_long", count: error.count }, error);
    if (error instanceof ValueRefused) throw invalid(model, error.column, { code: "invalid" }, error);
    if (!(error instanceof UniqueViolation)) throw error;
    const { email, provider, uid } = model.columns;
    const columns = error.columns ?? columnsOf(executor, model, error.constraint);
    const isAddress = columns?.every((column) => [email, provider, uid].includes(column));
    if (isAddress ?? (await isTaken())) return "taken";
    // Another unique column of the app's own. Some databases name its index only, which most are named after.
    const column = columns?.find((one) => model.fields.some((field) => field.column === one));
    throw invalid(model, column ?? columnIn(model, error.constraint), { code: "taken" }, error);
  }
}

function invalid(model: Model, column: string | undefined, problem: Problem, cause: Error): AuthError {
  const field = model.fields.find((one) => one.column === column)?.name;
  const { email, uid } = model.columns;
  const place = field ?? (column === email || column === uid ? "email" : "base");
  // Without a field there is nothing that "has already been taken" could be said of.
  return new AuthError("invalid", {
    problems: new Map([[place, [place === "base" ? { code: "invalid_values" } : problem]]]),
    cause,
  });
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

function columnIn({ fields }: Model, index = ""): string | undefined {
  return fields.map(({ column }) => column).find((column) => index.split(/[._]/).join("_").includes(column));
}
