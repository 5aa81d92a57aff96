import { DatabaseError, UniqueViolation, ValueRefused, withoutStatement } from "../database-error.js";
import type { Failure } from "../retrying.js";

/** What the errors of MySQL and MariaDB mean (MySQL server error reference; 19xx and 4025: MariaDB). */

/** Deadlock, a commit that a group of servers refused: nothing was done. */
const passing: ReadonlySet<unknown> = new Set([1213, 3101]);
/**
 * What a server says that cannot serve (MySQL server error reference; 19xx: MariaDB): disk, memory, connections and other limits,
 * shutdown, read-only, offline or not in its cluster, no access, no such database, a wait for a lock that was too long, statement
 * interrupted or killed, idle too long.
 */
const unavailable: ReadonlySet<unknown> = new Set([
  1020, 1021, 1030, 1037, 1038, 1040, 1041, 1044, 1045, 1047, 1049, 1053, 1077, 1114, 1129, 1130, 1152, 1158,
  1159, 1160, 1161, 1180, 1203, 1205, 1206, 1226, 1290, 1317, 1792, 1820, 1836, 1862, 1927, 1969, 3024, 3032,
  3100, 3118, 3169, 4031,
]);
/**
 * Missing, out of range, truncated, of the wrong type or form, too long, refused by a check, or by what refers to it or what it
 * refers to; signalled by a trigger of the app's own.
 */
const refusesValue: ReadonlySet<unknown> = new Set([
  1048, 1216, 1217, 1264, 1265, 1292, 1366, 1364, 1406, 1451, 1452, 1644, 3819, 3140, 4025,
]);
/** Needs to be prepared again, unknown: a prepared statement that the server has lost. It can only be prepared anew. */
const lost: ReadonlySet<unknown> = new Set([1615, 1243]);
const duplicate = 1062;

/** What to do about an error of the driver's. */
export function failureOf(error: unknown): Failure {
  if (error instanceof TypeError) return undefined;
  // Refused, cut, timed out: whatever did not come from the server is about reaching it.
  if (!isFromServer(error)) return "unavailable";
  const number = numberOf(error);
  if (passing.has(number) || lost.has(number)) return "passing";
  return unavailable.has(number) ? "unavailable" : undefined;
}

/** The error in our words, without the values that the server repeats in its message, and that mysql2 puts into `sql`. */
export function withoutValues(error: unknown): unknown {
  if (error instanceof TypeError) return error;
  if (!isFromServer(error)) return withoutStatement(error);
  const number = numberOf(error);
  const code = String(number);
  const message = error.message;
  if (number === duplicate) {
    // Behind the value: "Duplicate entry 'ada@example.com' for key 'users.users_email'"
    const key = /'([^']*)'$/.exec(message)?.[1];
    return new UniqueViolation({ code, constraint: key?.split(".").at(-1) });
  }
  if (!refusesValue.has(number)) return new DatabaseError("The database refused a statement", { code });
  // "… for column 'age' at row 1", "… for column `app`.`users`.`age` at row 1", "Column 'age' cannot be null", and of a reference
  // "… CONSTRAINT `users_firm_fk` FOREIGN KEY (`firm_id`) REFERENCES …"
  const [, column] =
    /column (?:`[^`]*`\.)*[`']([^`']*)[`'] at row \d+$/i.exec(message) ??
    /^(?:Column|Field) '([^']*)'/i.exec(message) ??
    /FOREIGN KEY \(`([^`]*)`/.exec(message) ??
    [];
  const [, constraint] =
    /CONSTRAINT `([^`]*)` (?:failed|FOREIGN KEY)|^Check constraint '([^']*)'/i.exec(message) ?? [];
  return new ValueRefused("The database refused a value", { code, column, constraint });
}

/** Whether a connection can do nothing more after an error. */
export function isBroken(error: unknown): boolean {
  return !isFromServer(error) || lost.has(numberOf(error));
}

/** The server's number for an error. */
export function numberOf(error: unknown): unknown {
  return error instanceof Error && "errno" in error ? error.errno : undefined;
}

function isFromServer(error: unknown): error is Error {
  return error instanceof Error && "sqlState" in error;
}
