const second = 1000;
const units = [
  [7 * 24 * 3600 * second, "week"],
  [24 * 3600 * second, "day"],
  [3600 * second, "hour"],
  [60 * second, "minute"],
  [second, "second"],
  [1, "millisecond"],
] as const;

/**
 * A duration in words of a language, for mails: `"1 hour"`, `"90 minutes"`, `"2 weeks"`. Takes milliseconds and a BCP 47 tag.
 * Never says more than there is.
 */
export function describeDuration(milliseconds: number, language: string): string {
  for (const [length, unit] of units) {
    const count = milliseconds / length;
    // An odd length is told in the largest unit that loses at most one part in a hundred; seconds are not told in fractions.
    const isClose = count >= 100 || (unit === "second" && count >= 1);
    if ((count >= 1 && Number.isInteger(count)) || isClose) return inWords(Math.floor(count), unit, language);
  }
  return inWords(Math.floor(milliseconds), "millisecond", language);
}

function inWords(count: number, unit: string, language: string): string {
  const format = { style: "unit", unit, unitDisplay: "long", useGrouping: false } as const;
  return new Intl.NumberFormat(language, format).format(count);
}
