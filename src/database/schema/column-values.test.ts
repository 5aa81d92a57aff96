import { describe, expect, test } from "vitest";
import { isDay, readBoolean, readDay, readMoment, readNumber, spellingOf } from "./column-values.js";

test("each spelling of false is false, each of true is true, and what is neither is nothing", () => {
  for (const no of [
    false,
    0,
    -0,
    0n,
    "0",
    "f",
    "F",
    "false",
    "FALSE",
    "n",
    "N",
    "no",
    "NO",
    "off",
    "",
    " ",
    "\0",
    "0.0",
    "00",
  ])
    expect([no, readBoolean(no)]).toEqual([no, false]);
  for (const yes of [
    true,
    1,
    -1,
    2,
    1n,
    "1",
    "t",
    "T",
    "true",
    "True",
    "y",
    "Y",
    "yes",
    "on",
    "\x01",
    "2",
    " Y ",
  ])
    expect([yes, readBoolean(yes)]).toEqual([yes, true]);
  for (const neither of ["maybe", "null", "?", "-", "ja", "x", {}])
    expect([neither, readBoolean(neither)]).toEqual([neither, null]);
});

test("a column's own spelling is found where all of its texts are of one", () => {
  expect(spellingOf(["Y", "N"])).toEqual(["Y", "N"]);
  expect(spellingOf(["f"])).toEqual(["t", "f"]);
  expect(spellingOf(["FALSE"])).toEqual(["TRUE", "FALSE"]);
  expect(spellingOf(["no"])).toEqual(["yes", "no"]);
  expect(spellingOf(["N", "unknown"])).toBeUndefined();
  expect(spellingOf([])).toBeUndefined();
});

test.each([
  ["2020-02-03T04:05:06.007Z", "2020-02-03T04:05:06.007Z"],
  ["2020-02-03 04:05:06.007", "2020-02-03T04:05:06.007Z"],
  ["2020-02-03 04:05:06", "2020-02-03T04:05:06.000Z"],
  ["2020-02-03 04:05:06.123456", "2020-02-03T04:05:06.123Z"],
  ["2020-02-03 04:05", "2020-02-03T04:05:00.000Z"],
  ["2020-02-03", "2020-02-03T00:00:00.000Z"],
  ["2020-02-03 04:05:06 UTC", "2020-02-03T04:05:06.000Z"],
  ["2020-02-03 04:05:06+02", "2020-02-03T02:05:06.000Z"],
  ["2020-02-03T04:05:06-0530", "2020-02-03T09:35:06.000Z"],
  ["2020-02-03T04:05:06+05:30", "2020-02-02T22:35:06.000Z"],
  [1_580_702_645, "2020-02-03T04:04:05.000Z"],
  [1_580_702_645_123, "2020-02-03T04:04:05.123Z"],
  ["1580702645123", "2020-02-03T04:04:05.123Z"],
  [new Date(0), "1970-01-01T00:00:00.000Z"],
])("%s is the moment %s", (value, moment) => {
  expect(readMoment(value)).toBe(moment);
});

describe("what is no moment", () => {
  test.each([
    "0000-00-00",
    "0000-00-00 00:00:00",
    "0000-00-00 00:00:00.000",
    "2020-00-00 00:00:00.000",
    "infinity",
    "-infinity",
    "yes",
    "N",
    "1",
    "0",
    "never",
    "",
    "0044-03-15 BC",
    "2020-13-45 00:00:00",
    0,
    Number.NaN,
    1e300,
    new Date(Number.NaN),
  ])("%s is none", (value) => {
    expect(readMoment(value)).toBeNull();
    expect(readDay(value)).toBeNull();
  });
});

test("numbers are read from text; those past 2^53 stay text, and what is none is nothing", () => {
  expect(["12.50", "-3", " 7 ", "1e3", 0.1].map(readNumber)).toEqual([12.5, -3, 7, 1000, 0.1]);
  expect(readNumber("9007199254740993")).toBe("9007199254740993");
  expect(["", "twelve", "NaN", "Infinity", "1,5"].map(readNumber)).toEqual([null, null, null, null, null]);
});

test("a day is one of the calendar, as ISO 8601 writes it", () => {
  expect(["2020-02-29", "2026-11-25"].map(isDay)).toEqual([true, true]);
  expect(["2021-02-29", "2021-2-3", "20210203", "2021-02-03T00:00:00Z", "", "today"].some(isDay)).toBe(false);
});
