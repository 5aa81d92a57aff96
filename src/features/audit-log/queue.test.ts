import { setImmediate, setTimeout as wait } from "node:timers/promises";
import { expect, onTestFinished, test, vi } from "vitest";
import { engines } from "../../../test/fixtures/databases.js";
import { openTables } from "../../../test/fixtures/tables.js";
import type { AuditStore } from "../../database/audit-port.js";
import { type AuthEvent, createEmitter, type EventDetails, type EventName } from "../../events.js";
import { openAuditLog } from "./audit-log.js";
import { createAuditIds, foldOf, rowOf } from "./rows.js";

const terms = { attemptsFor: 1e9, changesFor: 1e9, addressesFor: 1e9, maximumRows: 1e6 };
const at = Date.UTC(2026, 0, 1, 12, 30);

/** An audit log over a table of its own, and what it was told and logged. */
async function start({
  limit,
  pause = 1,
  broken = false,
}: {
  limit: number;
  pause?: number;
  broken?: boolean;
}) {
  const tables = await openTables(await engines[0].create());
  const store = await tables.database.connect({ models: [] });
  await store.migrate("apply");
  if (broken) await tables.run("alter table keyturn_audit_log rename to moved_away");
  const events: AuthEvent[] = [];
  const reported: string[] = [];
  const log = openAuditLog({
    terms,
    store: store.audit,
    emit: (name, details) => emit(name, details),
    report: (_error, what) => reported.push(what),
    limit,
    pause,
    pauseAfterFailure: 20,
  });
  const emit = createEmitter(
    (event) => {
      events.push(event);
      log.record(event);
    },
    () => at,
    () => undefined,
  );
  onTestFinished(async () => {
    await log.close(100);
    await store.close();
    await tables.drop();
  });
  const rows = () =>
    tables.rows("select name, address, account_id, times from keyturn_audit_log order by id");
  return {
    log,
    emit,
    events,
    reported,
    tables,
    rows,
    mend: () => tables.run("alter table moved_away rename to keyturn_audit_log"),
  };
}

test("while nothing can be written, no more than so many rows wait, attempts push out no change, and what is lost is told once it goes on", async () => {
  const { emit, events, reported, rows, mend } = await start({ limit: 50, broken: true });
  for (let i = 0; i < 1000; i++) {
    emit("sign_in.failed", { address: `192.0.2.${i}` });
    if (i % 20 === 0) emit("account.updated", { model: "user", accountId: String(i) });
    if (i === 500) await vi.waitFor(() => expect(reported).toHaveLength(1));
  }
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(reported).toEqual(["The audit log could not be written"]);
  await mend();
  await vi.waitFor(async () => expect((await rows()).at(-1)?.["name"]).toBe("audit.dropped"));
  const written = await rows();
  const count = (name: string) => written.filter((row) => row["name"] === name).length;
  expect(count("account.updated")).toBe(50);
  expect(count("sign_in.failed")).toBe(50);
  // Of 1,000 attempts; there was no room for the row about the failure either.
  expect(events.filter(({ name }) => name.startsWith("audit."))).toMatchObject([
    { name: "audit.write_failed" },
    { name: "audit.dropped", reason: "951" },
  ]);
});

test("what is alike shares a row before it is written, so that a flood of one kind is a row", async () => {
  const { log, emit, rows } = await start({ limit: 10, pause: 60_000 });
  for (let i = 0; i < 5000; i++) emit("limit.met", { address: "192.0.2.1", reason: "signInsByAddress" });
  expect(await log.close(5000)).toBe(0);
  expect(await rows()).toEqual([{ name: "limit.met", address: "192.0.2.1", account_id: null, times: 5000 }]);
});

test("close() gives up what cannot be written, within its limit, and says how much", async () => {
  const { log, emit, events } = await start({ limit: 10, broken: true });
  for (let i = 0; i < 5; i++) emit("account.updated", { accountId: String(i) });
  const began = performance.now();
  expect(await log.close(1000)).toBeGreaterThanOrEqual(5);
  expect(performance.now() - began).toBeLessThan(1500);
  emit("account.updated", { accountId: "9" });
  expect(events.filter(({ name }) => name === "audit.write_failed")).toHaveLength(1);
});

test("close() returns when everything is written, also behind a writing that failed a moment before", async () => {
  const written: string[] = [];
  let isAway = true;
  const store: Pick<AuditStore, "add" | "addTimes"> = {
    async add(rows) {
      if (isAway) throw new Error("away");
      await wait(rows.length === 64 ? 40 : 80);
      written.push(...rows.map(({ accountId }) => accountId ?? ""));
    },
    addTimes: async () => undefined,
  };
  const log = openAuditLog({
    terms,
    store: store as AuditStore,
    emit: () => undefined,
    report: () => undefined,
    pause: 1,
    pauseAfterFailure: 10,
  });
  const emit = createEmitter(
    log.record,
    () => at,
    () => undefined,
  );
  for (let i = 0; i < 100; i++) emit("account.updated", { accountId: String(i) });
  // Closed while that writing is under way.
  const closed = log.close(2000);
  await setImmediate();
  isAway = false;
  expect(await closed).toBe(0);
  expect(written).toHaveLength(100);
});

function folded(name: EventName, details: EventDetails, ms = at): string | undefined {
  const event: AuthEvent = { name, owasp: "authn_login_fail", at: new Date(ms).toISOString(), ...details };
  return foldOf(event, rowOf(event, createAuditIds()));
}

test("refusals are alike by event, model, account, session, address and reason, within an hour; sign-ins and changes never are", () => {
  const details = { model: "user", accountId: "7", client: "c", address: "192.0.2.1", reason: "locked" };
  const fold = folded("sign_in.failed", details);
  expect(fold).toBeDefined();
  expect(folded("sign_in.failed", { ...details, userAgent: "another" }, at + 60_000)).toBe(fold);
  expect(folded("sign_in.failed", details, at + 3_600_000)).not.toBe(fold);
  expect(folded("token.late", details)).not.toBe(fold);
  for (const [key, value] of Object.entries({ ...details, model: "admin", address: "192.0.2.2" }))
    expect(folded("sign_in.failed", { ...details, [key]: `${value}9` })).not.toBe(fold);
  const ipv6 = (address: string) => folded("sign_in.failed", { address });
  expect(ipv6("2001:db8::1")).toBe(ipv6("2001:db8:0:0:ffff::9"));
  expect(ipv6("2001:db8::1")).not.toBe(ipv6("2001:db8:0:1::1"));
  expect(folded("sign_in.succeeded", details)).toBeUndefined();
  expect(folded("account.locked", details)).toBeUndefined();
  expect(folded("password.reset_requested", { ...details, actor: { kind: "cli" } })).toBeUndefined();
});

test("a row holds one line of each text, as long as its column and never half a character", () => {
  const event: AuthEvent = {
    name: "account.updated",
    owasp: "user_updated",
    at: new Date(at).toISOString(),
    reason: `${"x".repeat(254)}😀`,
    actor: { kind: "code", name: "a\u0000b\r\nc\u2028d\u202ee" },
  };
  const newId = createAuditIds();
  const row = rowOf(event, newId);
  expect(row.reason).toBe("x".repeat(254));
  expect(row.actorName).toBe("a b c de");
  const ids = [row.id, ...Array.from({ length: 1000 }, () => newId(at)), newId(at + 1)];
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(ids.map((id) => id.length))).toEqual(new Set([32]));
});
