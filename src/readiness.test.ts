import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createReadiness, type NotReady } from "./readiness.js";

// The deadlines are real ones; only time is made to pass.
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function start(check: () => Promise<NotReady | undefined>) {
  let checks = 0;
  let known: NotReady | undefined;
  const readiness = createReadiness({
    check: () => {
      checks += 1;
      return check();
    },
    known: () => known,
    whenLate: () => "database_away",
  });
  return {
    readiness,
    checks: () => checks,
    know(reason: NotReady) {
      known = reason;
    },
  };
}

test("a thousand probes in a second are one check (case 23)", async () => {
  const { readiness, checks } = start(async () => undefined);
  for (let i = 0; i < 1000; i++) {
    expect(await readiness()).toEqual({ isReady: true });
    vi.advanceTimersByTime(0.99);
  }
  expect(checks()).toBe(1);
  vi.advanceTimersByTime(20);
  await readiness();
  expect(checks()).toBe(2);
});

test("while a check is under way nobody starts another, and nobody waits longer than a second for it", async () => {
  let end = (_found?: NotReady): void => undefined;
  const { readiness, checks } = start(() => new Promise((resolve) => (end = resolve)));
  const asked = Array.from({ length: 50 }, readiness);
  vi.advanceTimersByTime(1000);
  for (const one of await Promise.all(asked))
    expect(one).toEqual({ isReady: false, reason: "database_away" });
  vi.advanceTimersByTime(5000);
  // At once: no timer passes any more.
  expect(await readiness()).toEqual({ isReady: false, reason: "database_away" });
  expect(checks()).toBe(1);
  end();
  await vi.advanceTimersByTimeAsync(0);
  expect(await readiness()).toEqual({ isReady: true });
  expect(checks()).toBe(1);
});

test("a check that fails is not ready for a second, and then it is asked again", async () => {
  const outcomes = [Promise.reject(new Error("away")), Promise.resolve(undefined)];
  const { readiness } = start(() => outcomes.shift() ?? Promise.resolve(undefined));
  expect(await readiness()).toEqual({ isReady: false, reason: "database_away" });
  vi.advanceTimersByTime(999);
  expect(await readiness()).toEqual({ isReady: false, reason: "database_away" });
  vi.advanceTimersByTime(1);
  expect(await readiness()).toEqual({ isReady: true });
});

test("what is known needs no check, whatever was found before", async () => {
  const { readiness, checks, know } = start(async () => undefined);
  await readiness();
  know("closing");
  expect(await readiness()).toEqual({ isReady: false, reason: "closing" });
  expect(checks()).toBe(1);
});
