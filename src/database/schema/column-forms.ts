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
import { isDay, readBoolean, readDay, readMoment, readNumber, spellingOf } from "./column-values.js";

/** Characters of an argon2id hash as Keyturn makes them. */
export const hashLength = 97;

/** How a column holds what it has to hold, or what to change about it. */
export function formOf(facts: ColumnFacts, wanted: WantedColumn): ColumnForm | Unusable {
  switch (wanted.kind) {
    case "id":
      return form(facts, "fine", { read: undefined });
    case "text":
    case "hash":
      return textForm(facts, wanted);
    case "address":
      return facts.type.is === "address" ? form(facts, "fine") : textForm(facts, wanted);
    case "string":
      return stringForm(facts, wanted);
    case "moment":
      return momentForm(facts, wanted);
    case "confirmation":
      return confirmationForm(facts, wanted);
    case "boolean":
      return booleanForm(facts, wanted);
    default:
      return numberForm(facts, wanted);
  }
}

function textForm(facts: ColumnFacts, wanted: WantedColumn): ColumnForm | Unusable {
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

function wrongValue(column: string): ValueRefused {
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

function stringForm(facts: ColumnFacts, wanted: WantedColumn): ColumnForm | Unusable {
  const { type, seen, momentToDatabase } = facts;
  const { name } = wanted;
  const refusing = (
    isRight: (text: string) => boolean,
    write: (text: string) => unknown = (text) => text,
  ) => {
    return (value: unknown): unknown => {
      if (typeof value !== "string" || !isRight(value)) throw wrongValue(name);
      return write(value);
    };
  };
  const isMoment = (text: string): boolean =>
    /^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(text) && readMoment(text) !== null;
  switch (type.is) {
    case "text": {
      const { labels = null, length = null } = seen ?? {};
      if (labels)
        return form(facts, "fine; other texts are refused", {
          write: refusing((text) => labels.includes(text)),
        });
      const isShort = length !== null && length < wanted.length;
      return form(facts, isShort ? `fine; longer texts than ${length} characters are refused` : "fine", {
        write: fitting(name, length),
      });
    }
    case "any":
      return form(facts, "read as text", { read: String });
    case "padded":
      return form(facts, "read as text without the blanks at its end", {
        write: fitting(name, seen?.length ?? null),
      });
    case "uuid":
    case "address":
      return form(facts, "read as text");
    case "date":
      if (type.isLoose)
        return form(facts, "read as text", {
          read: String,
          write: refusing((text) => isDay(text) || isMoment(text)),
        });
      return form(facts, "read as a day, such as 2026-11-25", { read: readDay, write: refusing(isDay) });
    case "instant":
    case "zoneless":
    case "session": {
      const moment = momentForm(facts, wanted);
      if ("change" in moment) return moment;
      const write = (text: string): unknown =>
        moment.write(Date.parse(readMoment(text) ?? momentToDatabase(0)));
      return { ...moment, verdict: "read as ISO 8601, in UTC", write: refusing(isMoment, write) };
    }
    default:
      return changeTo(facts, wanted);
  }
}

function booleanForm(facts: ColumnFacts, wanted: WantedColumn): ColumnForm | Unusable {
  const { ddl, type, seen, samples } = facts;
  const read = readBoolean;
  switch (type.is) {
    case "boolean":
      // An engine without booleans keeps numbers there, and some libraries texts.
      return ddl.own.boolean === "bool"
        ? form(facts, "fine")
        : form(facts, "fine", {
            read,
            write: spelling(
              samples.filter((one) => typeof one === "string"),
              Number,
            ),
          });
    case "integer":
    case "decimal":
      return form(facts, isOwnBoolean(facts) ? "fine" : "read as a boolean: 0 is false", {
        read,
        write: Number,
      });
    case "bit":
      if ((seen?.length ?? 1) !== 1) return changeTo(facts, wanted);
      return form(facts, "read as a boolean: 0 is false", {
        read,
        write: (value) => ddl.bit(value === true),
      });
    case "any":
      return form(facts, "read as a boolean", { read, write: spelling(samples, Number) });
    case "text":
    case "padded": {
      const length = seen?.length ?? null;
      const pair = spellingOf(
        [...(samples.length > 0 ? samples.map(String) : (seen?.labels ?? []))].map(trimmed),
      );
      if (!pair && (samples.length > 0 || seen?.labels)) return changeTo(facts, wanted);
      const [yes, no] = pair ?? (length === null || length >= 5 ? ["true", "false"] : ["1", "0"]);
      return form(facts, `read as a boolean: "${yes}" or "${no}"`, {
        read,
        write: (value) => (value ? yes : no),
      });
    }
    default:
      return changeTo(facts, wanted);
  }
}

function trimmed(text: string): string {
  return text.trim();
}

function isOwnBoolean({ ddl, seen }: ColumnFacts): boolean {
  return seen === undefined || seen.fullType === ddl.wanted.boolean || seen.type === ddl.own.boolean;
}

/** Writes booleans as the texts that are there; `otherwise` where there are none. */
function spelling(
  samples: readonly unknown[],
  otherwise: (value: unknown) => unknown,
): (value: unknown) => unknown {
  const pair = spellingOf(samples.filter((one) => typeof one === "string"));
  return pair ? (value) => pair[value === true ? 0 : 1] : otherwise;
}

/**
 * When an account confirmed its address, or only that it did: reads as the moment or as true, and as null where it did not. A flag
 * refuses null as a rule, which a moment cannot.
 */
function confirmationForm(facts: ColumnFacts, wanted: WantedColumn): ColumnForm | Unusable {
  const { type, samples, seen } = facts;
  const flag = (): ColumnForm | Unusable => {
    const boolean = booleanForm(facts, wanted);
    if ("change" in boolean) return boolean;
    return {
      ...boolean,
      verdict: `read as confirmed or not${boolean.verdict.replace(/^(fine|read as a boolean)/, "")}`,
      read: (value) => readBoolean(value) || null,
      write: () => boolean.write(true),
      none: boolean.write(false),
    };
  };
  const isFilled = seen?.isNullable === false;
  const isFlag = samples.length > 0 && samples.every((one) => readBoolean(one) !== null);
  switch (type.is) {
    case "boolean":
    case "bit":
      return flag();
    case "integer":
      return isFilled ||
        type.most < 2n ** 31n - 1n ||
        (isFlag && samples.every((one) => Math.abs(Number(one)) <= 1))
        ? flag()
        : momentForm(facts, wanted);
    case "text":
    case "padded":
      return isFilled || isFlag || seen?.labels || (seen?.length ?? 24) < 24
        ? flag()
        : momentForm(facts, wanted);
    default:
      return momentForm(facts, wanted);
  }
}

function numberForm(facts: ColumnFacts, wanted: WantedColumn): ColumnForm | Unusable {
  const { type, seen } = facts;
  const { kind, name } = wanted;
  const refusing = (isRight: (value: number) => boolean) => (value: unknown) => {
    if (typeof value !== "number" || !isRight(value)) throw wrongValue(name);
    return value;
  };
  const scale = seen?.scale ?? null;
  switch (type.is) {
    case "integer":
      return form(facts, "fine", {
        read: readNumber,
        write: refusing(
          (value) => Number.isInteger(value) && BigInt(value) >= type.least && BigInt(value) <= type.most,
        ),
      });
    case "decimal":
      if (kind !== "number" && scale !== 0) return changeTo(facts, wanted);
      return form(facts, "read as a number", {
        read: readNumber,
        write: refusing((value) => scale === null || decimalsOf(value) <= scale),
      });
    case "float":
      if (kind !== "number") return changeTo(facts, wanted);
      return form(facts, type.digits === undefined ? "fine" : `read as a number of ${type.digits} digits`, {
        read: readNumber,
        write: refusing(
          (value) => type.digits === undefined || Number(value.toPrecision(type.digits)) === value,
        ),
      });
    case "any":
      return form(facts, "read as a number", { read: readNumber });
    default:
      return changeTo(facts, wanted);
  }
}

function decimalsOf(value: number): number {
  const [digits = "", exponent = "0"] = String(value).split("e");
  return Math.max(0, (digits.split(".")[1] ?? "").length - Number(exponent));
}
