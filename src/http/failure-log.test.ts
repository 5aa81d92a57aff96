import { describe, expect, test } from "vitest";
import { bodyOf, password } from "../../test/fixtures/http.js";
import { AuthError } from "../errors.js";
import { testAuth } from "../testing/testing.js";
import { createFailureLog } from "./failure-log.js";

function start() {
  const lines: unknown[] = [];
  const clock = { now: 0 };
  const log = createFailureLog(
    (error) => lines.push(error),
    () => clock.now,
  );
  return { lines, clock, log };
}

describe("the log of requests that failed", () => {
  test.each(["mail_unavailable", "overloaded", "unavailable", "bot_check_unavailable"] as const)(
    "%s without a cause: one line a minute, however many there are",
    (code) => {
      const { lines, clock, log } = start();
      for (let i = 0; i < 500; i++) log(new AuthError(code, { retryAfter: i + 1 }));
      expect(lines).toHaveLength(1);
      clock.now += 60_000;
      log(new AuthError(code));
      expect(lines).toHaveLength(2);
    },
  );

  test("one code keeps no other from being told", () => {
    const { lines, log } = start();
    for (const code of ["overloaded", "mail_unavailable", "overloaded"] as const) log(new AuthError(code));
    expect(lines).toHaveLength(2);
  });

  test("what has a cause, or nobody expected, is told each time", () => {
    const { lines, log } = start();
    const broken = [
      new AuthError("unavailable", { cause: new Error("refused") }),
      new AuthError("mail_unavailable", { cause: new Error("550") }),
      new TypeError("no function"),
      new AuthError("internal"),
    ];
    for (let i = 0; i < 3; i++) for (const error of broken) log(error);
    expect(lines).toHaveLength(12);
  });

  test("a refusal below 500 is no failure", () => {
    const { lines, log } = start();
    log(new AuthError("too_many_requests"));
    log(new AuthError("invalid_credentials"));
    expect(lines).toEqual([]);
  });
});

test("a total of mails that is used up fills no log, whoever goes on asking", async () => {
  const lines: unknown[] = [];
  const logger = {
    error: (line: object) => lines.push(line),
    warn: () => {},
    info: () => {},
    debug: () => {},
  };
  const { auth, request, events } = await testAuth({ mailsInTotal: { limit: 4, per: "1d" }, logger });
  const register = (i: number) =>
    request("POST /auth", {
      body: { email: `p${i}@example.com`, password, confirm_success_url: "http://localhost:5173/" },
    });
  for (let i = 0; i < 3; i++) expect((await register(i)).status).toBe(200);
  for (let i = 3; i < 30; i++) expect((await bodyOf(await register(i))).code).toBe("mail_unavailable");
  await auth.close();
  expect(lines).toHaveLength(1);
  expect(events.filter(({ name }) => name === "limit.met")).toHaveLength(27);
});
