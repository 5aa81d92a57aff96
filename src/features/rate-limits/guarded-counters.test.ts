import { expect, test, vi } from "vitest";
import type { CounterStore } from "../../database/counter-port.js";
import { testAuth } from "../../testing/testing.js";
import { guardCounters } from "./guarded-counters.js";
import { createMemoryCounters } from "./memory-counters.js";

const rule = { limit: 2, window: 60_000 };
const broken: CounterStore = {
  count: () => Promise.reject(new Error("down")),
  look: () => Promise.reject(new Error("down")),
  forget: () => Promise.reject(new Error("down")),
};
const never = (): Promise<never> => new Promise(() => undefined);
const hanging: CounterStore = { count: never, look: never, forget: never };

function guarded(store: CounterStore, whenAway: "memory" | "open" | "closed") {
  const changes: boolean[] = [];
  const warnings: string[] = [];
  const memory = createMemoryCounters(Date.now);
  const counters = guardCounters({
    store,
    memory,
    patience: 250,
    whenAway,
    onChange: (isAway) => changes.push(isAway),
    onWarning: (sentence) => warnings.push(sentence),
  });
  return { counters, changes, warnings };
}
const three = async ({ count }: CounterStore) => [
  (await count("x", rule)).isMet,
  (await count("x", rule)).isMet,
  (await count("x", rule)).isMet,
];

test("while the store is away this process counts with the same numbers, and says so once", async () => {
  const { counters, changes } = guarded(broken, "memory");
  expect(await three(counters)).toEqual([false, false, true]);
  expect(changes).toEqual([true]);
});

test('"open" lets everything pass', async () => {
  const { counters } = guarded(broken, "open");
  expect(await three(counters)).toEqual([false, false, false]);
});

test('"closed" is 503 and not 429; forgetting refuses nobody', async () => {
  const { counters } = guarded(broken, "closed");
  await expect(counters.count("x", rule)).rejects.toMatchObject({ code: "unavailable", status: 503 });
  await expect(counters.look("x", rule)).rejects.toMatchObject({ code: "unavailable" });
  await counters.forget("x");
});

test("a store that does not respond is given up after a quarter of a second, and not asked for a while", async () => {
  const { counters } = guarded(hanging, "memory");
  const began = performance.now();
  expect(await three(counters)).toEqual([false, false, true]);
  const took = performance.now() - began;
  expect(took).toBeGreaterThan(200);
  expect(took).toBeLessThan(2000);
});

test("a store that is away is asked again after 5 s, and each change is told once (case 10)", async () => {
  let isDown = true;
  let asked = 0;
  const memory = createMemoryCounters(Date.now);
  const flaky: CounterStore = {
    ...memory,
    // As Redis refuses to write once its memory is full.
    count: (name, one) => {
      asked++;
      return isDown ? Promise.reject(new Error("OOM command not allowed")) : memory.count(name, one);
    },
  };
  const { counters, changes } = guarded(flaky, "memory");
  const clock = vi.spyOn(performance, "now").mockReturnValue(1_000_000);
  for (let i = 0; i < 20; i++) await counters.count(`x${i}`, rule);
  expect([asked, changes]).toEqual([1, [true]]);
  clock.mockReturnValue(1_005_000);
  await counters.count("x", rule);
  expect([asked, changes]).toEqual([2, [true]]);
  isDown = false;
  clock.mockReturnValue(1_010_000);
  for (let i = 0; i < 20; i++) await counters.count(`y${i}`, rule);
  clock.mockRestore();
  expect([asked, changes]).toEqual([22, [true, false]]);
});

test("what a store warns of is told once, after its first response", async () => {
  let asked = 0;
  const store: CounterStore = {
    ...createMemoryCounters(Date.now),
    warning: async () => `asked ${++asked} times`,
  };
  const { counters, warnings } = guarded(store, "memory");
  expect(warnings).toEqual([]);
  await three(counters);
  await new Promise(setImmediate);
  expect(warnings).toEqual(["asked 1 times"]);
});

test("a store that may not be asked for its set-up counts all the same", async () => {
  const store: CounterStore = {
    ...createMemoryCounters(Date.now),
    warning: () => Promise.reject(new Error("NOPERM")),
  };
  const { counters, changes, warnings } = guarded(store, "memory");
  expect(await three(counters)).toEqual([false, false, true]);
  await new Promise(setImmediate);
  expect([changes, warnings]).toEqual([[], []]);
});

const notOutcomes: readonly unknown[] = [
  { isMet: true, retryIn: Number.NaN },
  { isMet: true, retryIn: Number.POSITIVE_INFINITY },
  { isMet: true },
  { isMet: true, retryIn: "30" },
  { isMet: "false", retryIn: 0 },
  undefined,
  null,
  [1, 30],
];
test.each(notOutcomes)(
  "a store that returns %o is away: no response says Retry-After: NaN",
  async (outcome) => {
    const store = { count: async () => outcome, look: async () => outcome, forget: async () => undefined };
    const { counters, changes } = guarded(store as CounterStore, "memory");
    expect(await three(counters)).toEqual([false, false, true]);
    const { isMet, retryIn } = await counters.look("x", rule);
    expect([isMet, retryIn > 0, retryIn <= rule.window]).toEqual([true, true, true]);
    expect(changes).toEqual([true]);
  },
);

test("a store's time that is over already is the shortest that there is", async () => {
  const store = {
    count: async () => ({ isMet: true, retryIn: -5000 }),
    look: async () => ({ isMet: false, retryIn: Number.NaN }),
  };
  const { counters, changes } = guarded(
    { ...store, forget: async () => undefined } as CounterStore,
    "memory",
  );
  expect(await counters.count("x", rule)).toEqual({ isMet: true, retryIn: 1 });
  expect(await counters.look("x", rule)).toEqual({ isMet: false, retryIn: 0 });
  expect(changes).toEqual([]);
});

test("a store that cannot forget is refused at start", async () => {
  const { forget: _without, ...counters } = createMemoryCounters(Date.now);
  await expect(testAuth({ rateLimitStore: counters as CounterStore })).rejects.toThrow(/rateLimitStore/);
});
