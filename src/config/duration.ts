const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const week = 7 * day;

const unitsOfText = new Map([
  ["ms", 1],
  ["s", second],
  ["m", minute],
  ["h", hour],
  ["d", day],
  ["w", week],
]);

// Past a thousand years it is a slip of the keyboard, and the end date no longer fits every database.
const longest = 1000 * 365.25 * day;

/**
 * Reads a duration of the configuration: `"250ms"`, `"5s"`, `"10m"`, `"2h"`, `"14d"`, `"2w"`, decimals allowed, or a number of
 * milliseconds. Returns whole milliseconds, or `undefined` for anything that is not such a duration (a config file may be plain
 * JavaScript, so that can be anything).
 */
export function parseDuration(value: unknown): number | undefined {
  return inRange(typeof value === "string" ? fromText(value) : value);
}

function fromText(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|[smhdw])$/.exec(text.trim()) ?? [];
  return Number(amount) * (unitsOfText.get(unit ?? "") ?? Number.NaN);
}

function inRange(value: unknown): number | undefined {
  return typeof value === "number" && value >= 0 && value <= longest ? Math.round(value) : undefined;
}
