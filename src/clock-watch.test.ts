import { expect, test } from "vitest";
import { createClockWatch } from "./clock-watch.js";

function start() {
  const told: (string | undefined)[] = [];
  return { told, note: createClockWatch((name, { reason }) => void told.push(`${name}: ${reason}`)) };
}

test("a difference above a quarter of a second is told once, and again when it changes or comes back", () => {
  const { told, note } = start();
  note(10_000, 10_010, 10_005 + 250);
  expect(told).toEqual([]);
  note(10_000, 10_010, 10_005 + 8000);
  note(70_000, 70_010, 70_005 + 8010);
  expect(told).toEqual(["clock.offset: the database is 8000 ms ahead"]);
  note(130_000, 130_010, 130_005 - 400);
  note(190_000, 190_010, 190_005);
  note(250_000, 250_010, 250_005 - 400);
  expect(told.slice(1)).toEqual([
    "clock.offset: the database is 400 ms behind",
    "clock.offset: the database is 400 ms behind",
  ]);
});

test("what a slow response leaves uncertain is no difference", () => {
  const { told, note } = start();
  note(10_000, 12_000, 11_000 + 1200);
  note(10_000, 12_000, 11_000 - 1200);
  expect(told).toEqual([]);
  note(10_000, 12_000, 11_000 - 1300);
  expect(told).toEqual(["clock.offset: the database is 1300 ms behind"]);
});
