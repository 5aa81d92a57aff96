import { UniqueViolation, ValueRefused } from "../driver.js";

/** The SQLSTATE of an error, where it has one (PostgreSQL manual, appendix A). */
export function codeOf(error: unknown): string | undefined {
  return textOf(error, "code");
}

/** What an error of PostgreSQL's says about a value that was written; `undefined` if it is about something else. */
export function refusalOf(error: unknown): UniqueViolation | ValueRefused | undefined {
  const code = codeOf(error) ?? "";
  if (code === "23505")
    return new UniqueViolation("A unique index refused the row", {
      cause: error,
      index: textOf(error, "constraint"),
    });
  if (code === "23502") return new ValueRefused("blank", textOf(error, "column"));
  // Checks of the table's own, also those of a domain; and all data exceptions: too long, out of range, not of the type.
  if (code === "23514" || /^22/.test(code)) return new ValueRefused("invalid", textOf(error, "column"));
  return undefined;
}

function textOf(error: unknown, name: "code" | "constraint" | "column"): string | undefined {
  if (!(error instanceof Error) || !(name in error)) return undefined;
  const value: unknown = Reflect.get(error, name);
  return typeof value === "string" ? value : undefined;
}
