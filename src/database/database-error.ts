/** What a database said about a statement, without the values that it may have repeated. */
export interface ServerError {
  /** SQLSTATE, MySQL's number, or SQLite's name of the error. */
  readonly code: string;
  readonly constraint?: string | undefined;
  readonly table?: string | undefined;
  readonly column?: string | undefined;
}

/**
 * An error of a database, in our words. Drivers put values into their messages, details and statements (`Failing row contains …`), so
 * the driver's own error is not kept, not even as the cause.
 */
export class DatabaseError extends Error {
  override readonly name: string = "DatabaseError";
  readonly code: string;
  readonly constraint: string | undefined;
  readonly table: string | undefined;
  readonly column: string | undefined;

  constructor(what: string, { code, constraint, table, column }: ServerError) {
    const places = [
      constraint === undefined ? "" : `constraint "${constraint}"`,
      column === undefined ? "" : `column "${column}"`,
      table === undefined ? "" : `table "${table}"`,
    ].filter((place) => place !== "");
    super(`${what} (${[code, ...places].join(", ")})`);
    this.code = code;
    this.constraint = constraint;
    this.table = table;
    this.column = column;
  }
}

/** The file of a database cannot be opened. The message says which one, and what to look at. */
export class DatabaseNotOpened extends Error {
  override readonly name = "DatabaseNotOpened";
}

/** The database refused a value or a row: it does not fit its column, breaks a constraint, or a trigger of the app's own refuses it. */
export class ValueRefused extends DatabaseError {
  override readonly name: string = "ValueRefused";
}

/** A text has more characters than its column, which Keyturn found out before the database could cut it. */
export class TooLong extends ValueRefused {
  override readonly name = "TooLong";
  readonly count: number;

  constructor(column: string, count: number) {
    super(`A text has more than ${count} characters`, { code: "too_long", column });
    this.count = count;
  }
}

/** A unique index refused a row. `columns`: of the index, where the database says so. */
export class UniqueViolation extends DatabaseError {
  override readonly name = "UniqueViolation";
  readonly columns: readonly string[] | undefined;

  constructor(error: ServerError, columns?: readonly string[]) {
    super("A unique index refused the row", error);
    this.columns = columns;
  }
}

/** An error that did not come from the database's server, such as a connection that broke: its message names no values. */
export function withoutStatement(error: unknown): Error {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const message = error instanceof Error ? error.message : "The database could not be reached";
  const safe = new Error(code === "" || message.includes(code) ? message : `${message} (${code})`);
  return safe;
}
