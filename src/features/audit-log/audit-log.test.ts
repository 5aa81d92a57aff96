import { describe, expect, onTestFinished, test, vi } from "vitest";
import { engines, presentEngines } from "../../../test/fixtures/databases.js";
import { silent } from "../../../test/fixtures/http.js";
import { openTables } from "../../../test/fixtures/tables.js";
import { createRegistry } from "../../accounts/models.js";
import type { AuthEvent } from "../../events.js";
import { credentialsOf, testAuth } from "../../testing/testing.js";

const person = { email: "ada@example.com", password: "a quiet violet hour" };
const models = {
  user: { mountAt: "/auth", confirmable: false, disableable: true },
  admin: { mountAt: "/admin_auth", confirmable: false },
} as const;
const registry = createRegistry(models, {});

type Tables = Awaited<ReturnType<typeof openTables>>;

/** One server over a database; `tables`: that of another one. */
async function start(create: (typeof engines)[number]["create"], shared?: Tables) {
  const tables = shared ?? (await openTables(await create()));
  const t = await testAuth({ database: tables.database, auditLog: true, logger: silent, models });
  onTestFinished(async () => {
    await t.auth.close().catch(() => undefined);
    if (!shared) await tables.drop();
  });
  const ask = (path: string, given: Partial<typeof person> = {}, from = "192.0.2.7", agent = "Browser/1") =>
    t.auth.handle(
      new Request(`http://localhost:3000${path}`, {
        method: "POST",
        headers: { "content-type": "application/json", "user-agent": agent },
        body: JSON.stringify({ ...person, ...given }),
      }),
      { peer: from },
    );
  /** What is written once so many entries are. */
  const written = (count: number, query: Parameters<typeof t.auth.auditLog.list>[0] = {}) =>
    vi.waitFor(
      async () => {
        const { entries } = await t.auth.auditLog.list(query);
        expect(entries).toHaveLength(count);
        return entries;
      },
      { timeout: 15_000, interval: 100 },
    );
  return { ...t, tables, ask, written };
}

describe.each(presentEngines)("on $name", ({ name, create }) => {
  test("what happens is written with its OWASP name, its time, ids, address and user agent, the newest first", async () => {
    const { auth, ask, written, clock, events } = await start(create);
    await ask("/auth");
    clock.forward("1m");
    const held = credentialsOf(await ask("/auth/sign_in", {}, "2001:db8::7", "Other/2\tx"));
    const entries = await written(4);
    expect(entries[1]).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      name: "session.created",
      owasp: "session_created",
      at: "2026-01-01T00:01:00.000Z",
      times: 1,
      lastAt: "2026-01-01T00:01:00.000Z",
      model: "user",
      accountId: "1",
      client: held["client"],
      address: "2001:db8::7",
      userAgent: "Other/2 x",
    });
    const told = entries.map(({ id, times, lastAt, ...event }) => event);
    expect(told).toEqual(events.toReversed());
    expect(entries.map((entry) => entry.name)).toEqual([
      "sign_in.succeeded",
      "session.created",
      "session.created",
      "account.registered",
    ]);
    const [owner] = await written(1, { model: "user", accountId: 1, names: ["account.registered"] });
    expect(owner?.actor).toEqual({ kind: "owner" });
    const from = "2026-01-01T00:00:30Z";
    expect((await auth.auditLog.list({ from })).entries).toEqual(entries.slice(0, 2));
    expect((await auth.auditLog.list({ to: new Date(from) })).entries).toEqual(entries.slice(2));
    const first = await auth.auditLog.list({ limit: 3 });
    const last = await auth.auditLog.list({ limit: 3, after: first.next });
    expect([...first.entries, ...last.entries]).toEqual(entries);
    expect(last.next).toBeUndefined();
  });

  test("wrong passwords of one address for one account share a row for an hour, over several servers", async () => {
    const one = await start(create);
    const other = await start(create, one.tables);
    await one.ask("/auth");
    const wrong = { password: "a wrong violet hour" };
    for (let i = 0; i < 12; i++)
      await (i % 2 ? one : other).ask("/auth/sign_in", wrong, "192.0.2.9", `B/${i}`);
    await one.ask("/auth/sign_in", wrong, "192.0.2.10");
    const names = ["sign_in.failed"] as const;
    await vi.waitFor(
      async () => {
        const { entries } = await one.auth.auditLog.list({ names });
        expect(entries.map(({ address, times }) => [address, times]).toSorted()).toEqual([
          ["192.0.2.10", 1],
          ["192.0.2.9", 12],
        ]);
      },
      { timeout: 15_000, interval: 100 },
    );
    one.clock.forward("1h");
    await one.ask("/auth/sign_in", wrong, "192.0.2.9");
    await one.written(3, { names });
  });

  test("while the table cannot be written, a sign-in goes on as ever, and its rows come later", async () => {
    const { auth, ask, written, events, tables } = await start(create);
    await ask("/auth");
    await written(2);
    await tables.run("alter table keyturn_audit_log rename to moved_away");
    expect((await ask("/auth/sign_in")).status).toBe(200);
    await vi.waitFor(() => expect(events.at(-1)?.name).toBe("audit.write_failed"), { timeout: 15_000 });
    for (let i = 0; i < 3; i++) expect((await ask("/auth/sign_in")).status).toBe(200);
    await tables.run("alter table moved_away rename to keyturn_audit_log");
    await auth.close();
    expect(events.filter(({ name }) => name === "audit.write_failed")).toHaveLength(1);
    const rows = await tables.rows("select name, times from keyturn_audit_log");
    const count = (wanted: string) => rows.filter((row) => row["name"] === wanted).length;
    expect([count("sign_in.succeeded"), count("session.created"), count("audit.write_failed")]).toEqual([
      4, 5, 1,
    ]);
  });

  test("close() writes what waits, and an account that was deleted leaves its ids alone", async () => {
    const { auth, ask, clock, tables } = await start(create);
    const held = credentialsOf(await ask("/auth"));
    clock.forward("1s");
    const gone = new Request("http://localhost:3000/auth", { method: "DELETE", headers: held });
    expect((await auth.handle(gone, { peer: "192.0.2.8" })).status).toBe(200);
    await auth.close();
    const read = () =>
      tables.rows("select name, account_id, address, user_agent from keyturn_audit_log order by id");
    expect((await read()).map(({ name, address }) => [name, address])).toEqual([
      ["account.registered", "192.0.2.7"],
      ["session.created", "192.0.2.7"],
      ["account.deleted", "192.0.2.8"],
    ]);
    clock.forward("2m");
    const store = await tables.database.connect({ models: registry.models, now: () => clock.now });
    const day = 86_400_000;
    const terms = { attemptsFor: day, changesFor: day, addressesFor: day, maximumRows: 1000 };
    await store.audit.sweep(terms, 0);
    await store.close();
    const left = (await read()).map(({ account_id, address, user_agent }) => [
      account_id,
      address,
      user_agent,
    ]);
    expect(left).toEqual(Array.from({ length: 3 }, () => ["1", null, null]));
  });

  test("what code does is a change that names who did it, and is kept as long", async () => {
    const { auth, ask, written, tables } = await start(create);
    await ask("/auth");
    await auth.accounts.disable("user", 1, { actor: "support: Lea\r\nadmin" });
    await auth.accounts.enable("user", 1);
    await auth.accounts.createPasswordLink("user", 1, { redirectUrl: "http://localhost:5173/" });
    const [link, enabled, disabled] = await written(5);
    expect([link?.name, link?.actor]).toEqual(["password.reset_requested", { kind: "code" }]);
    expect(enabled?.actor).toEqual({ kind: "code" });
    expect(disabled?.actor).toEqual({ kind: "code", name: "support: Lea admin" });
    const terms = await tables.rows("select term from keyturn_audit_log order by id");
    expect(terms.map(({ term }) => term)).toEqual(["change", "attempt", "change", "change", "change"]);
  });

  test("a row that the app's database refuses holds up no other", async () => {
    const { ask, written, events, tables } = await start(create);
    const constraint = "check (address <> '192.0.2.66')";
    // SQLite has no way to add a constraint to a table that is there.
    await (name === "sqlite"
      ? tables.run(
          "create trigger no_such_row before insert on keyturn_audit_log when new.address = '192.0.2.66' begin select raise(abort, 'no'); end",
        )
      : tables.run(`alter table keyturn_audit_log add constraint no_such_row ${constraint}`));
    for (const end of [65, 66, 67])
      await ask("/auth/sign_in", { email: `${end}@example.com` }, `192.0.2.${end}`);
    const entries = await written(3);
    expect(entries.map(({ name: event, address }) => address ?? event).toSorted()).toEqual([
      "192.0.2.65",
      "192.0.2.67",
      "audit.dropped",
    ]);
    expect(events.filter((event: AuthEvent) => event.name.startsWith("audit."))).toMatchObject([
      { name: "audit.dropped", owasp: "sys_monitor_disabled", reason: "1" },
    ]);
  });
});

test("requests with a token, rotations too, are no events and have no rows", async () => {
  const tables = await openTables(await engines[0].create());
  const { auth, request, clock } = await testAuth({ database: tables.database, auditLog: true, models });
  let held = credentialsOf(await request("POST /auth", { body: person }));
  for (let i = 0; i < 5; i++) {
    clock.forward("6s");
    const next = credentialsOf(await request("GET /auth/validate_token", { headers: held }));
    expect(next["access-token"]).not.toBe(held["access-token"]);
    held = next;
  }
  await auth.close();
  expect(await tables.rows("select name from keyturn_audit_log order by id")).toEqual([
    { name: "account.registered" },
    { name: "session.created" },
  ]);
  await tables.drop();
});

test("off, nothing is written and nothing can be asked", async () => {
  const tables = await openTables(await engines[0].create());
  const { auth, request } = await testAuth({ database: tables.database, models });
  await request("POST /auth", { body: person });
  await expect(auth.auditLog.list()).rejects.toThrow("The configuration needs auditLog: true for this");
  await auth.close();
  expect(await tables.rows("select id from keyturn_audit_log")).toEqual([]);
  await tables.drop();
});
