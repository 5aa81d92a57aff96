import { type RawBuilder, sql } from "kysely";
import type { ColumnKind } from "../../accounts/column-list.js";
import type { FieldType } from "../../accounts/models.js";
import type { ColumnType } from "./column-type.js";
import { readMoment, readNumber } from "./column-values.js";
import type { DdlEngine, WantedType } from "./ddl-engine.js";
import type { SeenColumn } from "./seen-table.js";

/** What a column has to hold. */
export interface WantedColumn {
  /** What the configuration calls it: `columns.email`, `fields.size`. */
  readonly place: string;
  readonly name: string;
  readonly kind: ColumnKind | FieldType;
  /** The most characters of a text. */
  readonly length: number;
}

/** What is known of a column that is there, or is going to be made. */
export interface ColumnFacts {
  readonly ddl: DdlEngine;
  readonly type: ColumnType;
  /** `undefined`: Keyturn is going to make it. */
  readonly seen: SeenColumn | undefined;
  /** Some of the values that are in it, without null. */
  readonly samples: readonly unknown[];
  /** Writes a moment of unix milliseconds as the engine's own columns have it. */
  momentToDatabase(ms: number): string;
}

/** How a column holds its values. */
export interface ColumnForm {
  /** `fine`, or what it is read as. */
  readonly finding: string;
  /** Selects the value in the form that `read` takes. */
  select(column: RawBuilder<unknown>): RawBuilder<unknown>;
  /** Reads a value that is not null; `undefined`: it is what it is. */
  readonly read: ((value: unknown) => unknown) | undefined;
  /** Makes a value that is not null into one for the database. Throws ValueRefused for one that the column would change. */
  write(value: unknown): unknown;
  /** What stands for "not confirmed" where that is not null. */
  readonly none?: unknown;
  /** The condition that a value that is not null is no moment all the same. */
  isNoMoment?(column: RawBuilder<unknown>): RawBuilder<boolean>;
}

/** Why a column cannot be used: what to change. */
export interface Unusable {
  readonly change: string;
}

export function isUsable(form: ColumnForm | Unusable): form is ColumnForm {
  return !("change" in form);
}

/** What a type of the engine means. */
export function typeOf({ types }: DdlEngine, type: string): ColumnType {
  return types.find(([name]) => name.test(type))?.[1] ?? { is: "other" };
}

export function ownType(ddl: DdlEngine, kind: WantedColumn["kind"]): ColumnType {
  return typeOf(ddl, ddl.own[wantedType(kind)]);
}

export function wantedType(kind: WantedColumn["kind"]): WantedType {
  switch (kind) {
    case "moment":
    case "confirmation":
      return "moment";
    case "id":
    case "integer":
    case "count":
      return "integer";
    case "number":
    case "boolean":
      return kind;
    default:
      return "text";
  }
}

export function form(
  { ddl, type }: ColumnFacts,
  finding: string,
  { read, write = (value) => value }: Partial<Pick<ColumnForm, "read" | "write">> = {},
): ColumnForm {
  return { finding, read, write, select: (column) => ddl.select[type.is]?.(column) ?? column };
}

/** The sentence for a column of another type than any that would do. */
export function changeTo({ ddl }: ColumnFacts, { kind, place }: WantedColumn): Unusable {
  const type = `change to ${ddl.wanted[wantedType(kind)]}`;
  const isField = place.startsWith("fields.");
  // Keyturn adds what a table lacks, so another name is enough where the column means something else to the app.
  const otherwise = isField
    ? `set another ${place}.type`
    : `name another column in ${place}, which may be new`;
  return { change: `${type}, or ${otherwise}` };
}

/** How a column holds moments. */
export function momentForm(facts: ColumnFacts, wanted: WantedColumn): ColumnForm | Unusable {
  const moment = readableMoments(facts, wanted);
  const { is } = facts.type;
  const isNoMoment =
    is === "integer"
      ? isZero
      : is === "text"
        ? isNoText
        : is === "instant"
          ? undefined
          : facts.ddl.isNoMoment;
  return isUsable(moment) && isNoMoment ? { ...moment, isNoMoment } : moment;
}

const isZero = (column: RawBuilder<unknown>): RawBuilder<boolean> => sql`${column} = 0`;
const isNoText = (column: RawBuilder<unknown>): RawBuilder<boolean> =>
  sql`(${column} not like '____-__-__%' or ${column} like '0000%')`;

function readableMoments(facts: ColumnFacts, wanted: WantedColumn): ColumnForm | Unusable {
  const { ddl, type, seen, samples, momentToDatabase } = facts;
  const write = (value: unknown): unknown => momentToDatabase(Number(value));
  switch (type.is) {
    case "instant":
      return form(facts, "fine", { read: readMoment, write });
    case "zoneless": {
      // SQLite keeps whatever is written, also both kinds in one column: then texts are what later ones are.
      const filled = samples.filter((value) => value !== 0);
      const numbers = filled.length > 0 && filled.every((value) => typeof value === "number");
      return numbers
        ? epochForm(facts)
        : form(facts, "read as UTC", { read: readMoment, write: likeSamples(facts) });
    }
    case "session":
      return form(facts, "read as UTC", {
        // The server gives 0 for `0000-00-00`.
        read: (value) => readMoment(Number(value) * 1000),
        write: (value) => ddl.sessionMoment(Number(value)),
      });
    case "date":
      if (type.isLoose && samples.every((one) => String(one).length !== 10))
        return momentForm({ ...facts, type: { is: "zoneless" } }, wanted);
      return form(facts, "read as the beginning of that day, in UTC", {
        read: readMoment,
        write: (value) => new Date(Number(value)).toISOString().slice(0, 10),
      });
    case "integer":
      return type.most < 2n ** 31n - 1n ? changeTo(facts, wanted) : epochForm(facts);
    case "text": {
      const length = seen?.length ?? null;
      if (length !== null && length < 24) return changeTo(facts, wanted);
      return form(facts, seen && samples.length > 0 ? "read as ISO 8601, in UTC" : "fine", {
        read: readMoment,
        write: likeSamples(facts),
      });
    }
    case "any":
      return form(facts, "fine", { read: readMoment, write: likeSamples(facts) });
    default:
      return changeTo(facts, wanted);
  }
}

// Texts are compared as texts: with a letter in the place of the blank, new ones would all be later than old ones of that day.
function likeSamples({ samples, momentToDatabase }: ColumnFacts): (value: unknown) => unknown {
  const hasBlank = samples.some((value) => /^\d{4}-\d\d-\d\d \d/.test(String(value)));
  return (value) => {
    const text = momentToDatabase(Number(value));
    return hasBlank ? text.replace("T", " ").replace("Z", "") : text;
  };
}

/** A moment as a number. What the column has says of what; else what fits does. */
function epochForm(facts: ColumnFacts): ColumnForm {
  const { type, samples } = facts;
  const numbers = samples.map(readNumber).filter((value) => typeof value === "number");
  const isSmall = type.is === "integer" && type.most < 2n ** 41n;
  const inSeconds = isSmall || (numbers.length > 0 && numbers.every((value) => Math.abs(value) < 1e11));
  return form(facts, `read as ${inSeconds ? "seconds" : "milliseconds"} since 1970`, {
    read: (value) => {
      const number = readNumber(value);
      return typeof number === "number" ? readMoment(number * (inSeconds ? 1000 : 1)) : readMoment(value);
    },
    write: (value) => (inSeconds ? Math.floor(Number(value) / 1000) : Number(value)),
  });
}
