import type { AuthEvent } from "keyturn";
import { expect, test } from "vitest";
import { createEventLog } from "./event-log.js";

const reused: AuthEvent = {
  name: "token.reused",
  owasp: "authn_token_reuse",
  at: "2026-11-22T10:00:00.000Z",
};

test("events come back oldest first, each once for whoever asks after the last one seen", () => {
  const log = createEventLog();
  log.record(reused);
  log.record({ ...reused, client: "second" });

  expect(log.after(0).map(({ id, client }) => [id, client])).toEqual([
    [1, undefined],
    [2, "second"],
  ]);
  expect(log.after(1).map((event) => event.id)).toEqual([2]);
  expect(log.after(2)).toEqual([]);
});

test("the log keeps the newest events up to its limit", () => {
  const log = createEventLog({ limit: 2 });
  for (const client of ["first", "second", "third"]) log.record({ ...reused, client });

  expect(log.after(0).map((event) => event.client)).toEqual(["second", "third"]);
});

test("an id from before a restart gets everything", () => {
  const log = createEventLog();
  log.record(reused);

  expect(log.after(40)).toHaveLength(1);
});

test("a limit that keeps nothing is a mistake of the program", () => {
  expect(() => createEventLog({ limit: 0 })).toThrow(TypeError);
});
