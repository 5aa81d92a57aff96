import { expect, test } from "vitest";
import { counterContract } from "../../database/contract/counters.js";
import type { ContractWorld } from "../../database/contract/world.js";
import { createMemoryCounters } from "./memory-counters.js";

const once = { limit: 1, window: 60_000 };
const twice = { limit: 2, window: 60_000 };

// Memory is never swept: what has ended makes room for what comes.
const cases = counterContract.filter(({ name }) => !name.includes("swept"));
test.each(cases)("memory: $name", async ({ run }) => {
  const clock = { now: 1_000_000_000 };
  const counters = createMemoryCounters(() => clock.now);
  await run({ stores: [{ counters }], clock, close: async () => undefined } as unknown as ContractWorld);
});

test("a flood of names pushes out what is not locked, oldest first, and never a lock", async () => {
  const clock = { now: 0 };
  const counters = createMemoryCounters(() => clock.now, 10);
  await counters.count("locked", once);
  await counters.count("open", twice);
  for (let i = 0; i < 1000; i++) await counters.count(`flood ${i}`, twice);
  expect((await counters.look("locked", once)).isMet).toBe(true);
  await counters.count("open", twice);
  expect((await counters.look("open", twice)).isMet).toBe(false);
});

test("a flood of names does not begin a counter anew whose rule says that it stays", async () => {
  const counters = createMemoryCounters(() => 0, 10);
  const total = { ...twice, isKept: true };
  await counters.count("total", total);
  for (let i = 0; i < 1000; i++) await counters.count(`flood ${i}`, twice);
  await counters.count("total", total);
  expect((await counters.look("total", total)).isMet).toBe(true);
});

test("where everything is locked new names are not kept, until the locks end", async () => {
  const clock = { now: 0 };
  const counters = createMemoryCounters(() => clock.now, 3);
  for (const name of ["a", "b", "c", "d"]) await counters.count(name, once);
  expect((await counters.look("a", once)).isMet).toBe(true);
  expect((await counters.look("d", once)).isMet).toBe(false);
  clock.now += 60_000;
  await counters.count("d", once);
  expect((await counters.look("d", once)).isMet).toBe(true);
});
