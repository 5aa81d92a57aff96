import { type DatabaseError, UniqueViolation, ValueRefused } from "../database-error.js";
import type { Failure } from "../retrying.js";

/** What SQLite's errors mean (sqlite.org/rescode.html). */

/** Another connection is writing: 5 BUSY, 6 LOCKED. */
const passing: ReadonlySet<number> = new Set([5, 6]);
/** What the statement is not to blame for: 7 NOMEM, 8 READONLY, 10 IOERR, 11 CORRUPT, 13 FULL, 14 CANTOPEN, 15 PROTOCOL, 26 NOTADB. */
const unavailable: ReadonlySet<number> = new Set([7, 8, 10, 11, 13, 14, 15, 26]);
/** 18 TOOBIG, 19 CONSTRAINT, 20 MISMATCH. */
const refusesValue: ReadonlySet<number> = new Set([18, 19, 20]);
const codesByName: readonly (readonly [name: string, code: number])[] = [
  ["SQLITE_BUSY", 5],
  ["SQLITE_LOCKED", 6],
  ["SQLITE_NOMEM", 7],
  ["SQLITE_READONLY", 8],
  ["SQLITE_IOERR", 10],
  ["SQLITE_CORRUPT", 11],
  ["SQLITE_FULL", 13],
  ["SQLITE_CANTOPEN", 14],
  ["SQLITE_PROTOCOL", 15],
  ["SQLITE_TOOBIG", 18],
  ["SQLITE_CONSTRAINT", 19],
  ["SQLITE_MISMATCH", 20],
  ["SQLITE_NOTADB", 26],
];

/** What to do about an error of the driver's. */
export function failureOf(error: unknown): Failure {
  const code = primaryCode(error);
  if (code === undefined) return undefined;
  if (passing.has(code)) return "passing";
  return unavailable.has(code) ? "unavailable" : undefined;
}

/** The error in our words if SQLite refused a value, or anything else that a statement says; `undefined` for other errors. */
export function refusal(error: unknown): DatabaseError | undefined {
  const code = primaryCode(error);
  if (code === undefined || failureOf(error) !== undefined || !(error instanceof Error)) return undefined;
  const { message } = error;
  const name = codesByName.find(([, number]) => number === code)?.[0] ?? String(code);
  // "UNIQUE constraint failed: users.email, users.uid"; a primary key without rowid is told as UNIQUE too.
  const [, kind, places = ""] =
    /(UNIQUE|PRIMARY KEY|NOT NULL|CHECK) (?:constraint failed|must be unique)(?:: (.*))?$/.exec(message) ??
    [];
  const columns = places.split(", ").map((place) => place.split(".").at(-1) ?? "");
  // "UNIQUE constraint failed: index 'users_lower_email'": of an index on an expression only the name is told.
  const index = /^index '(.*)'$/.exec(places)?.[1];
  if (index !== undefined) return new UniqueViolation({ code: name, constraint: index });
  if (kind === "UNIQUE" || kind === "PRIMARY KEY") return new UniqueViolation({ code: name }, columns);
  if (kind === "NOT NULL")
    return new ValueRefused("SQLite refused a value", { code: name, column: columns[0] });
  if (kind === "CHECK") return new ValueRefused("SQLite refused a value", { code: name, constraint: places });
  return refusesValue.has(code) ? new ValueRefused("SQLite refused a value", { code: name }) : undefined;
}

/** The primary result code: better-sqlite3 has its name, which an extended code begins with; node:sqlite the extended number. */
function primaryCode(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("errcode" in error && typeof error.errcode === "number") return error.errcode & 0xff;
  const name = "code" in error ? String(error.code) : "";
  return codesByName.find(([known]) => name.startsWith(known))?.[1];
}
