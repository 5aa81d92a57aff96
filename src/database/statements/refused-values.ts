import type { Model } from "../../accounts/models.js";
import { AuthError } from "../../errors.js";
import { UniqueViolation, ValueRefused } from "../database-error.js";

/**
 * Returns `"taken"` where the unique index of an address refused the write: the database decides who was first. What else it refuses
 * about a value is AuthError `invalid`, at the field where the database names its column. `isTaken`: asks whether an address of the
 * account has an owner, for databases that do not name the columns of an index.
 */
export async function orTaken<T>(
  model: Model,
  write: Promise<T>,
  isTaken: () => Promise<boolean>,
): Promise<T | "taken"> {
  try {
    return await write;
  } catch (error) {
    if (error instanceof ValueRefused) throw invalid(model, error.column, "invalid", error);
    if (!(error instanceof UniqueViolation)) throw error;
    const { email, provider, uid } = model.columns;
    const isAddress = error.columns?.every((column) => [email, provider, uid].includes(column));
    if (isAddress ?? (await isTaken())) return "taken";
    // Another unique column of the app's own. Some databases name its index only, which most are named after.
    const column = error.columns?.[0] ?? columnIn(model, error.constraint);
    throw invalid(model, column, "taken", error);
  }
}

function invalid(model: Model, column: string | undefined, code: string, cause: Error): AuthError {
  const field = model.fields.find((one) => one.column === column)?.name;
  const place = field ?? (column === model.columns.email ? "email" : "base");
  // Without a field there is nothing that "has already been taken" could be said of.
  return new AuthError("invalid", {
    problems: new Map([[place, [{ code: place === "base" ? "invalid_values" : code }]]]),
    cause,
  });
}

function columnIn({ fields }: Model, index = ""): string | undefined {
  return fields.map(({ column }) => column).find((column) => index.split(/[._]/).join("_").includes(column));
}
