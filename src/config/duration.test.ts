import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseDuration } from "./duration.js";

describe("reading a duration", () => {
  test.each([
    ["250ms", 250],
    ["5s", 5_000],
    ["10m", 600_000],
    ["2h", 7_200_000],
    ["14d", 1_209_600_000],
    ["2w", 1_209_600_000],
    ["0s", 0],
    ["1.5h", 5_400_000],
    ["0.25s", 250],
    ["  5s\n", 5_000],
  ])("%j is read as %d milliseconds", (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  test("a number is milliseconds", () => {
    expect(parseDuration(0)).toBe(0);
    expect(parseDuration(5_000)).toBe(5_000);
  });

  test("a fraction of a millisecond is rounded away", () => {
    expect(parseDuration(1.4)).toBe(1);
    expect(parseDuration("1.0006s")).toBe(1_001);
  });

  test.each([
    "",
    " ",
    "5",
    "s",
    "-5s",
    "+5s",
    "5 s",
    "5S",
    "5y",
    "5sm",
    "5s5s",
    ".5s",
    "5.s",
    "1e3s",
    "0x5s",
    "５s",
    "1,5h",
    "never",
  ])("%j is not a duration", (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    "the number %d is not a duration",
    (value) => {
      expect(parseDuration(value)).toBeUndefined();
    },
  );

  test("a length that no date can hold is not a duration", () => {
    expect(parseDuration(`${"9".repeat(400)}w`)).toBeUndefined();
    expect(parseDuration("53000w")).toBeUndefined();
    expect(parseDuration(1e300)).toBeUndefined();
    expect(parseDuration("52000w")).toBe(52_000 * 7 * 86_400_000);
  });

  test("a setting of the wrong type in a JavaScript config file is not a duration", () => {
    for (const value of [null, undefined, true, {}, [5], 5n]) {
      expect(parseDuration(value)).toBeUndefined();
    }
  });

  test("a long text is refused in linear time", () => {
    const started = performance.now();
    expect(parseDuration(`${"1".repeat(200_000)}.${"1".repeat(200_000)}x`)).toBeUndefined();
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  test("whatever is read is a whole number of milliseconds that a date can be moved by", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.double(), fc.stringMatching(/^\d{1,20}(\.\d+)?(ms|[smhdw])$/)),
        (value) => {
          const milliseconds = parseDuration(value);
          if (milliseconds !== undefined) {
            expect(Number.isInteger(milliseconds)).toBe(true);
            expect(new Date(Date.UTC(2030, 0) + milliseconds).getTime()).not.toBeNaN();
          }
        },
      ),
    );
  });
});
