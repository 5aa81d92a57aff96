import { DatabaseError, UniqueViolation, ValueRefused, withoutStatement } from "../database-error.js";
import type { Failure } from "../retrying.js";

/** What PostgreSQL's errors mean (manual, appendix A). */

/** Serialization failure and deadlock: the transaction was rolled back as a whole. */
const passing: ReadonlySet<string> = new Set(["40001", "40P01"]);
/**
 * Connections, authorization, missing database, rollbacks, resources, intervention, system and internal errors, by class;
 * read-only transactions (a standby) and locks that are not available by code.
 */
const unavailable = /^(08|28|3D|40|53|57|58|XX)|^(25006|55P03)$/;
/**
 * A value that does not fit its column (class 22), is missing, refers to a row that is not there, or breaks a check or an exclusion
 * constraint; and what a trigger of the app's own raises.
 */
const refusesValue = /^(22...|23502|23503|23514|23P01|P0001)$/;

/** What to do about an error of the driver's. */
export function failureOf(error: unknown): Failure {
  if (error instanceof TypeError) return undefined;
  // Refused, cut, timed out: whatever did not come from the server is about reaching it.
  if (!isFromServer(error)) return "unavailable";
  const code = codeOf(error) ?? "";
  if (passing.has(code) || isStale(error)) return "passing";
  return unavailable.test(code) ? "unavailable" : undefined;
}

/** The error in our words, without the values that PostgreSQL repeats in its message, `detail` and `where`. */
export function withoutValues(error: unknown): unknown {
  if (error instanceof TypeError) return error;
  if (!isFromServer(error)) return withoutStatement(error);
  const text = (name: string): string | undefined => {
    const value: unknown = Reflect.get(error, name);
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const code = codeOf(error) ?? "";
  const said = { code, constraint: text("constraint"), table: text("table"), column: text("column") };
  // Only the names in front: "Key (email)=(ada@example.com) already exists."
  const columns = /^[^(]*\(([^)=]*)\)=/.exec(text("detail") ?? "")?.[1]?.split(", ");
  if (code === "23505") return new UniqueViolation(said, columns);
  if (code === "23503")
    return new ValueRefused("PostgreSQL refused a value", { ...said, column: columns?.[0] });
  if (refusesValue.test(code)) return new ValueRefused("PostgreSQL refused a value", said);
  return new DatabaseError("PostgreSQL refused a statement", said);
}

/** Whether a connection can do nothing more after an error. */
export function isBroken(error: unknown): boolean {
  return !isFromServer(error) || isStale(error);
}

/** The SQLSTATE of an error, where it has one. */
function codeOf(error: Error): string | undefined {
  return "code" in error && typeof error.code === "string" ? error.code : undefined;
}

function isFromServer(error: unknown): error is Error {
  return error instanceof Error && "severity" in error;
}

/** The columns of a prepared statement are not what they were: someone changed a table. It can only be prepared anew. */
function isStale(error: Error): boolean {
  return "routine" in error && error.routine === "RevalidateCachedQuery";
}
