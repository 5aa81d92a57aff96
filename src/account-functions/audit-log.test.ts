import { afterAll, beforeAll, expect, expectTypeOf, test } from "vitest";
import { startAuth } from "../../test/fixtures/http.js";
import type { EventName } from "../events.js";
import type { AuditLogEntry } from "./audit-log.js";

let app: Awaited<ReturnType<typeof startAuth>>;
beforeAll(async () => {
  app = await startAuth({ auditLog: { attemptsFor: "30d", maximumRows: 1000 } });
});
afterAll(() => app.auth.close());

test.each([
  [{ model: "usr" }, 'There is no model "usr"'],
  [{ accountId: 7 }, '"accountId" needs "model"'],
  [{ model: "user", accountId: 1.5 }, "An account is named by its id"],
  [{ model: "user", accountId: {} }, "An account is named by its id"],
  [{ names: "sign_in.failed" }, '"names" must be a list of names of events'],
  [{ names: [] }, '"names" must be a list of names of events'],
  [{ names: ["sign_in.faild"] }, 'There is no event "sign_in.faild"'],
  [{ names: ["constructor"] }, 'There is no event "constructor"'],
  [{ from: "yesterday" }, '"from" must be a Date'],
  [{ from: "2026-01-01T12:00:00" }, '"from" must be a Date'],
  [{ to: new Date(Number.NaN) }, '"to" must be a Date'],
  [{ to: 1_767_225_600_000 }, '"to" must be a Date'],
  [{ after: "7" }, '"after" must be what a page says as its "next"'],
  [{ after: 7 }, '"after" must be what a page says as its "next"'],
  [{ limit: 0 }, '"limit" must be a whole number from 1 to 1000'],
  [{ limit: 1001 }, '"limit" must be a whole number from 1 to 1000'],
  [{ limit: "50" }, '"limit" must be a whole number from 1 to 1000'],
  [{ acountId: 7 }, '"acountId" is none of model, accountId, names, from, to, after, limit'],
  [[], '"query" must be an object'],
  ["user", '"query" must be an object'],
])("list(%j) is refused with a TypeError", async (query, message) => {
  const list: (query: unknown) => Promise<unknown> = app.auth.auditLog.list as never;
  const refusal = await list(query).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(TypeError);
  expect(String(refusal)).toContain(message);
});

test("ids and texts mean themselves: wildcards, quotes and zero bytes find nothing", async () => {
  await app.request("POST /admin_auth", {
    body: { email: "a@example.com", password: "a quiet violet hour" },
  });
  for (const accountId of ["%", "_", "1' or '1'='1", "1\0", "x".repeat(500)])
    expect(await app.auth.auditLog.list({ model: "admin", accountId })).toEqual({
      entries: [],
      next: undefined,
    });
});

test("entries are typed as events, and models as those of the configuration", () => {
  type Page = Awaited<ReturnType<typeof app.auth.auditLog.list>>;
  expectTypeOf<Page["entries"][number]>().toEqualTypeOf<AuditLogEntry>();
  expectTypeOf<AuditLogEntry["name"]>().toEqualTypeOf<EventName>();
  // @ts-expect-error There is no such model.
  void (() => app.auth.auditLog.list({ model: "usr" }));
  // @ts-expect-error There is no such event.
  void (() => app.auth.auditLog.list({ names: ["sign_in.faild"] }));
});
