import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseDuration } from "../config/duration.js";
import { describeDuration } from "./duration.js";

describe("telling a duration", () => {
  test.each([
    ["1h", "1 hour"],
    ["60m", "1 hour"],
    ["90m", "90 minutes"],
    ["15m", "15 minutes"],
    ["24h", "1 day"],
    ["36h", "36 hours"],
    ["3d", "3 days"],
    ["7d", "1 week"],
    ["14d", "2 weeks"],
    ["1s", "1 second"],
    ["90s", "90 seconds"],
    ["1.5s", "1 second"],
    ["10000s", "166 minutes"],
    ["0s", "0 milliseconds"],
    ["999ms", "999 milliseconds"],
  ])("%s is told as %j", (text, words) => {
    expect(describeDuration(parseDuration(text) ?? Number.NaN, "en")).toBe(words);
  });

  test("the words never promise more time than there is, and fall short by no more than a hundredth or a second", () => {
    const lengths = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000, week: 604_800_000 };
    fc.assert(
      fc.property(fc.integer({ min: 1_000, max: 1e11 }), (milliseconds) => {
        const [count, unit] = describeDuration(milliseconds, "en").split(" ");
        const told =
          Number(count) *
          (Object.entries(lengths).find(([name]) => unit?.startsWith(name))?.[1] ?? Number.NaN);
        expect(told).toBeLessThanOrEqual(milliseconds);
        expect(told).toBeGreaterThan(milliseconds - Math.max(milliseconds / 100, 1_000));
      }),
    );
  });

  test("each language has its own words", () => {
    expect([describeDuration(3_600_000, "de"), describeDuration(10_800_000, "pl")]).toEqual([
      "1 Stunde",
      "3 godziny",
    ]);
  });
});
