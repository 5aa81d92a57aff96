import { expect, test } from "vitest";
import { createBackgroundWork } from "./background-work.js";

test("the end waits for work, and for work that it starts", async () => {
  const done: string[] = [];
  const background = createBackgroundWork(() => done.push("error"));
  background.run(async () => {
    await Promise.resolve();
    done.push("first");
    background.run(async () => {
      await Promise.resolve();
      done.push("second");
    });
  });
  expect(await background.finish(1000)).toBe(0);
  expect(done).toEqual(["first", "second"]);
});

test("work that never ends is given up and counted (security 54)", async () => {
  const background = createBackgroundWork(() => undefined);
  background.run(() => new Promise(() => undefined));
  background.run(async () => undefined);
  expect(await background.finish(20)).toBe(1);
});

test("work that fails is reported, and the end is not kept from coming", async () => {
  const errors: unknown[] = [];
  const background = createBackgroundWork((error) => errors.push(error));
  background.run(() => Promise.reject(new Error("no mail server")));
  expect(await background.finish(1000)).toBe(0);
  expect(errors).toEqual([new Error("no mail server")]);
});
