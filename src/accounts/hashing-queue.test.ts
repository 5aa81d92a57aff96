import { expect, test } from "vitest";
import { createQueue } from "./hashing-queue.js";

/** A job that ends when it is told to. */
function job(name: string, log: string[]) {
  let finish = (): void => undefined;
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const run = async (): Promise<string> => {
    log.push(name);
    await done;
    return name;
  };
  return { run, finish };
}
const settle = () => new Promise((resolve) => setImmediate(resolve));

test("so many run at once, and the others follow in their order", async () => {
  const log: string[] = [];
  const queue = createQueue(2, 10);
  const jobs = ["a", "b", "c", "d"].map((name) => job(name, log));
  const results = jobs.map(({ run }) => queue(run));
  await settle();
  expect(log).toEqual(["a", "b"]);
  jobs[1]?.finish();
  await settle();
  expect(log).toEqual(["a", "b", "c"]);
  for (const { finish } of jobs) finish();
  expect(await Promise.all(results)).toEqual(["a", "b", "c", "d"]);
});

test("past the limit a job is refused at once, and those that wait are served", async () => {
  const log: string[] = [];
  const queue = createQueue(1, 1);
  const [first, second, third] = ["a", "b", "c"].map((name) => job(name, log));
  if (!first || !second || !third) throw new Error("three jobs");
  const running = queue(first.run);
  const waiting = queue(second.run);
  await expect(queue(third.run)).rejects.toMatchObject({ code: "overloaded", status: 503 });
  first.finish();
  second.finish();
  expect(await Promise.all([running, waiting])).toEqual(["a", "b"]);
  expect(log).toEqual(["a", "b"]);
});

test("a job whose client has gone leaves the queue, and never runs", async () => {
  const log: string[] = [];
  const queue = createQueue(1, 1);
  const [first, gone, next] = ["a", "gone", "next"].map((name) => job(name, log));
  if (!first || !gone || !next) throw new Error("three jobs");
  const running = queue(first.run);
  const client = new AbortController();
  const left = queue(gone.run, client.signal);
  client.abort();
  await expect(left).rejects.toMatchObject({ code: "overloaded" });
  // Its place is free for somebody else.
  const waiting = queue(next.run);
  first.finish();
  next.finish();
  expect(await Promise.all([running, waiting])).toEqual(["a", "next"]);
  await expect(queue(gone.run, client.signal)).rejects.toMatchObject({ code: "overloaded" });
  expect(log).toEqual(["a", "next"]);
});

test("a job that fails gives its place to the next", async () => {
  const queue = createQueue(1, 5);
  const failing = queue(() => Promise.reject(new Error("no memory")));
  const next = queue(async () => "next");
  await expect(failing).rejects.toThrow("no memory");
  expect(await next).toBe("next");
});
