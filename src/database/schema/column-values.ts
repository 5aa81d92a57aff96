/** How the values of a column that an app may have filled are read. What says nothing is null: nothing false reads as true. */

const trueTexts: ReadonlySet<string> = new Set(["1", "t", "true", "y", "yes", "on", "\x01"]);
const falseTexts: ReadonlySet<string> = new Set(["0", "f", "false", "n", "no", "off", "", "\0"]);

/** Pairs of texts for true and false, as apps write them. */
const spellings: readonly (readonly [yes: string, no: string])[] = [
  ["Y", "N"],
  ["y", "n"],
  ["T", "F"],
  ["t", "f"],
  ["1", "0"],
  ["yes", "no"],
  ["Yes", "No"],
  ["YES", "NO"],
  ["true", "false"],
  ["True", "False"],
  ["TRUE", "FALSE"],
  ["on", "off"],
  ["ON", "OFF"],
];

/** Reads a boolean in whatever spelling; `null` for what is neither. */
export function readBoolean(value: unknown): boolean | null {
  if (typeof value === "boolean") return value;
  if (typeof value === "number" || typeof value === "bigint") return Number(value) !== 0;
  const text = String(value).trim().toLowerCase();
  if (trueTexts.has(text)) return true;
  if (falseTexts.has(text)) return false;
  const number = Number(text);
  return Number.isNaN(number) ? null : number !== 0;
}

/** The pair of texts that a column's own texts belong to; `undefined` if they tell none. */
export function spellingOf(texts: readonly string[]): readonly [yes: string, no: string] | undefined {
  return spellings.find(
    (pair) => texts.some((text) => pair.includes(text)) && texts.every((text) => readBoolean(text) !== null),
  );
}

/** Reads a number; `null` for what is none. One past 2^53, which JavaScript would round, stays text. */
export function readNumber(value: unknown): number | string | null {
  if (typeof value === "number") return value;
  const text = String(value).trim();
  const number = Number(text);
  if (text === "" || !Number.isFinite(number)) return null;
  return /^-?\d+$/.test(text) && !Number.isSafeInteger(number) ? text : number;
}

// The two forms of nearly all moments: those of the drivers for columns of ours.
const isoMoment = /^(?!0000)\d{4}-(?!00)\d\d-(?!00)\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const sqlMoment = /^(?!0000)\d{4}-(?!00)\d\d-(?!00)\d\d \d\d:\d\d:\d\d\.\d{3}$/;
const moment =
  /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d)(?::(\d\d)(?:[.,](\d+))?)?)?\s*(Z|UTC|[+-]\d\d(?::?\d\d)?(?::\d\d)?)?$/i;

/**
 * Reads a moment as ISO 8601, in whatever form other libraries write it: with a zone or, without one, in UTC; a number counts the
 * milliseconds since 1970, or the seconds of this age. `null` for what is no moment, such as
 * `0000-00-00` or 0.
 */
export function readMoment(value: unknown): string | null {
  if (typeof value === "string") {
    if (isoMoment.test(value)) return value;
    if (sqlMoment.test(value)) return `${value.slice(0, 10)}T${value.slice(11)}Z`;
  }
  if (value instanceof Date) return isoOrNull(value.getTime());
  const text = String(value).trim();
  if (/^-?\d{9,}(\.\d+)?$/.test(text) || (typeof value === "number" && value !== 0)) {
    const number = Number(text);
    return isoOrNull(Math.abs(number) < 1e11 ? Math.round(number * 1000) : number);
  }
  const [, date, time = "00:00", seconds = "00", fraction = "", zone = "Z"] = moment.exec(text) ?? [];
  if (date === undefined || date.startsWith("0000")) return null;
  return isoOrNull(
    Date.parse(`${date}T${time}:${seconds}.${fraction.slice(0, 3).padEnd(3, "0")}${isoZone(zone)}`),
  );
}

/** Reads a day as `2026-11-25`, which it is in every time zone; `null` for what is none. */
export function readDay(value: unknown): string | null {
  return readMoment(value)?.slice(0, 10) ?? null;
}

/** Whether a text is a day of the calendar as ISO 8601 writes it. */
export function isDay(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && isoOrNull(Date.parse(text))?.startsWith(text) === true;
}

/**
 * Reads a moment as ISO 8601 where it is written as ISO 8601, with a zone; `null` for one that would be another one then: a day that
 * the calendar does not have, a fraction of a second of more than `digits` digits, a year of five.
 */
export function exactMoment(text: string, digits: number): string | null {
  const [, day, fraction = ""] = /^(\d{4}-\d\d-\d\d)T[\d:]+(?:\.(\d+))?(?:Z|[+-]\d\d:\d\d)$/.exec(text) ?? [];
  if (day === undefined || !isDay(day) || /[1-9]/.test(fraction.slice(digits))) return null;
  const iso = readMoment(text);
  return iso !== null && /^(?!0000)\d{4}-/.test(iso) ? iso : null;
}

function isoOrNull(ms: number): string | null {
  return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : null;
}

// PostgreSQL leaves minutes of zero out: `+02`.
function isoZone(zone: string): string {
  if (/^(Z|UTC)$/i.test(zone)) return "Z";
  const [, sign, hours, minutes = "00"] = /^([+-])(\d\d):?(\d\d)?/.exec(zone) ?? [];
  return `${sign}${hours}:${minutes}`;
}
