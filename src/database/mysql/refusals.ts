import { UniqueViolation, ValueRefused } from "../driver.js";

/** The server's number for an error (MySQL server error reference). */
export function numberOf(error: unknown): unknown {
  return error instanceof Error && "errno" in error ? error.errno : undefined;
}

/**
 * Out of range, cut, no such moment, characters that the column's set does not have, too long; checks of the table's own (MariaDB,
 * MySQL).
 */
const refusing: ReadonlySet<unknown> = new Set([1264, 1265, 1292, 1366, 1406, 1411, 4025, 3819]);
/** Cannot be null, has no default. */
const missing: ReadonlySet<unknown> = new Set([1048, 1364]);

/** What an error of the server's says about a value that was written; `undefined` if it is about something else. */
export function refusalOf(error: unknown): UniqueViolation | ValueRefused | undefined {
  const number = numberOf(error);
  if (number === 1062)
    return new UniqueViolation("A unique index refused the row", { cause: error, index: indexOf(error) });
  if (missing.has(number)) return new ValueRefused("blank", columnOf(error));
  return refusing.has(number) ? new ValueRefused("invalid", columnOf(error)) : undefined;
}

/** `for key 'people.email'`, at the end: what stands before it is the value. */
function indexOf(error: unknown): string | undefined {
  return /for key '(?:[^']*\.)?([^'.]+)'$/.exec(messageOf(error))?.[1];
}

/** `for column 'mail' at row 1`, in MariaDB also with its table before it; or `Column 'mail' cannot be null`. */
function columnOf(error: unknown): string | undefined {
  const message = messageOf(error);
  const [, behind] = /for column (?:[`'][^`']*[`']\.)*[`']([^`']+)[`'] at row \d+$/.exec(message) ?? [];
  return behind ?? /^(?:Column|Field) '([^']+)'/.exec(message)?.[1];
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "";
}
