import { expect, test } from "vitest";
import { createQueues } from "./queues.js";

test("work of one name is done one after the other, work of another beside it", async () => {
  const log: string[] = [];
  const queued = createQueues<number>(() => false);
  const work = (name: string) => async () => {
    log.push(`begin ${name}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
    log.push(`end ${name}`);
    return 1;
  };
  await Promise.all([queued("a", work("a1")), queued("a", work("a2")), queued("b", work("b1"))]);
  expect(log.indexOf("begin a2")).toBeGreaterThan(log.indexOf("end a1"));
  expect(log.indexOf("begin b1")).toBeLessThan(log.indexOf("end a1"));
});

test("a final outcome is shared with whoever waits; a failure is not", async () => {
  let times = 0;
  const queued = createQueues<string>((outcome) => outcome === "met");
  const work = (outcome: string) => async () => {
    times++;
    if (outcome === "fails") throw new Error(outcome);
    return outcome;
  };
  const failed = queued("a", work("fails"));
  const rest = [queued("a", work("passed")), queued("a", work("met")), queued("a", work("passed"))];
  await expect(failed).rejects.toThrow("fails");
  expect(await Promise.all(rest)).toEqual(["passed", "met", "met"]);
  expect(times).toBe(3);
  expect(await queued("a", work("passed"))).toBe("passed");
});
