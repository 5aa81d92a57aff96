import { sql } from "kysely";
import { TooLong, ValueRefused } from "../database-error.js";
import {
  type ColumnFacts,
  type ColumnForm,
  changeTo,
  form,
  momentForm,
  type Unusable,
  type WantedColumn,
} from "./column-form.js";
import { exactMoment, isDay, readDay } from "./column-values.js";

const isUuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Characters of an argon2id hash as Keyturn makes them. */
export const hashLength = 97;

/** How a column holds a text that Keyturn needs: an address, a hash. */
export function textForm(facts: ColumnFacts, wanted: WantedColumn): ColumnForm | Unusable {
  const { type, seen } = facts;
  const { kind, name, place } = wanted;
  const length = seen?.length ?? null;
  if (type.is === "any") return form(facts, "fine");
  if (type.is !== "text") return changeTo(facts, wanted);
  if (kind === "hash" && length !== null && length < hashLength)
    return {
      change: `change to ${facts.ddl.wanted.text}: the hash of a password has ${hashLength} characters`,
    };
  // All that Keyturn writes into it of its own accord.
  if (place === "columns.provider" && !(seen?.labels ?? ["email"]).includes("email"))
    return changeTo(facts, wanted);
  const isShort =
    length !== null && length < wanted.length && kind === "text" && place !== "columns.provider";
  if (place === "columns.provider" && length !== null && length < "email".length)
    return changeTo(facts, wanted);
  return form(facts, isShort ? `fine; longer texts than ${length} characters are refused` : "fine", {
    write: fitting(name, length),
  });
}

/** How a column holds the text of a field. */
export function stringForm(facts: ColumnFacts, wanted: WantedColumn): ColumnForm | Unusable {
  const { type, seen } = facts;
  const { name } = wanted;
  const refusing =
    (isRight: (text: string) => boolean) =>
    (value: unknown): unknown => {
      if (typeof value !== "string" || !isRight(value)) throw wrongValue(name);
      return value;
    };
  switch (type.is) {
    case "text": {
      const { labels = null, length = null } = seen ?? {};
      if (labels)
        return form(facts, "fine; other texts are refused", {
          write: refusing((text) => labels.includes(text)),
        });
      const isShort = length !== null && length < wanted.length;
      const text = form(
        facts,
        isShort ? `fine; longer texts than ${length} characters are refused` : "fine",
        {
          write: fitting(name, length),
        },
      );
      return type.isParsed ? { ...text, select: (column) => sql`concat(${column})` } : text;
    }
    case "any":
      return form(facts, "read as text", { read: String });
    case "padded":
      return form(facts, "read as text without the blanks at its end", {
        write: fitting(name, seen?.length ?? null),
      });
    // SQLite makes a number of what looks like one, and PostgreSQL another spelling of a UUID in braces.
    case "uuid":
      return form(facts, "read as text", { read: String, write: refusing((text) => isUuid.test(text)) });
    case "address":
      return form(facts, "read as text");
    case "date":
      if (type.isLoose)
        return form(facts, "read as text", {
          read: String,
          write: refusing((text) => isDay(text) || exactMoment(text, Number.POSITIVE_INFINITY) !== null),
        });
      return form(facts, "read as a day, such as 2026-11-25", { read: readDay, write: refusing(isDay) });
    case "instant":
    case "zoneless":
    case "session": {
      const moment = momentForm(facts, wanted);
      if ("change" in moment) return moment;
      const digits = Math.min(seen?.scale ?? 3, 3);
      const write = (value: unknown): unknown => {
        const iso = typeof value === "string" ? exactMoment(value, digits) : null;
        if (iso === null || (type.is === "session" && !isInSession(Date.parse(iso)))) throw wrongValue(name);
        const written = moment.write(Date.parse(iso));
        // Where moments are numbers of seconds, a fraction would be lost.
        if (typeof written === "number" && moment.read?.(written) !== iso) throw wrongValue(name);
        return written;
      };
      const limit = digits < 3 ? `; more than ${digits} digits of a second are refused` : "";
      return { ...moment, finding: `read as ISO 8601, in UTC${limit}`, write };
    }
    default:
      return changeTo(facts, wanted);
  }
}

// MySQL's `timestamp`, at its widest (MariaDB 11.5): the second 0 stands for no moment, and what is before or behind becomes null.
function isInSession(ms: number): boolean {
  return ms >= 1000 && ms < 2 ** 32 * 1000;
}

export function wrongValue(column: string): ValueRefused {
  return new ValueRefused("The column cannot hold the value as it is", { code: "wrong_value", column });
}

/** Refuses what is too long: some databases cut it, and all of them cut blanks at its end. */
function fitting(name: string, length: number | null): (value: unknown) => unknown {
  if (length === null) return (value) => value;
  return (value) => {
    if (typeof value === "string" && value.length > length && [...value].length > length)
      throw new TooLong(name, length);
    return value;
  };
}
