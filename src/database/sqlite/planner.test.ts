import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createRegistry, type Model } from "../../accounts/models.js";
import type { Store } from "../port.js";
import { createSqlStore } from "../sql-store.js";
import { hideFromPlanner } from "./planner.js";
import { sqliteExecutor } from "./sqlite.js";
import { openSqlite, type SqliteConnection } from "./sqlite-driver.js";

/** Findings F35: after `analyze`, no look-up is planned anew each time it runs. */

describe("a statement's text", () => {
  test.each([
    [
      'select "a" from "t" where "client" = ? and "model" = ?',
      'select "a" from "t" where "client" = cast(? as text) and "model" = cast(? as text)',
    ],
    [
      'update "t" set "a" = ?, "b" = ? where "client" = ?',
      'update "t" set "a" = ?, "b" = ? where "client" = cast(? as text)',
    ],
    [
      'delete from "t" where "id" = ? and "at" > ? limit ?',
      'delete from "t" where "id" = cast(? as text) and "at" > ? limit ?',
    ],
    [
      "select 1 from t where case when a is null then 0 else 1 end = ?",
      "select 1 from t where case when a is null then 0 else 1 end = ?",
    ],
    ['insert into "t" values (?, ?)', 'insert into "t" values (?, ?)'],
  ])("%s", (text, hidden) => {
    expect(hideFromPlanner(text)).toBe(hidden);
  });
});

describe("on an analyzed database", () => {
  const { models } = createRegistry({ user: { mountAt: "/auth" } }, {});
  const [user] = models as readonly [Model];
  const seen = new Set<string>();
  let connection: SqliteConnection;
  let store: Store;

  beforeAll(async () => {
    connection = await openSqlite(":memory:");
    const prepare = connection.prepare;
    const noting: SqliteConnection = {
      ...connection,
      prepare(text) {
        seen.add(text);
        return prepare(text);
      },
    };
    store = createSqlStore(sqliteExecutor(noting, Date.now), models);
    await store.migrate("apply");
    await everyStatement(store, user);
    connection.exec("analyze");
  });
  afterAll(() => store.close());

  test("no condition compares a column with a bare variable: that is what is planned anew", () => {
    const conditions = [...seen].filter((text) => /^(select|update|delete)/i.test(text));
    expect(conditions.length).toBeGreaterThan(15);
    const bare = conditions.filter((text) => / where .*" = \?/i.test(text));
    expect(bare).toEqual([]);
  });

  test("every look-up still uses its index", async () => {
    const explaining = await openSqlite(":memory:");
    const schema = connection.forKysely
      .prepare("select sql from sqlite_schema where sql is not null and name not like 'sqlite_%'")
      .all([]);
    for (const row of schema) explaining.exec(String(Object(row).sql));
    const plans = [...seen]
      .filter((text) => /^(select|update|delete)/i.test(text) && / where .*cast\(\? as text\)/i.test(text))
      .map((text) => {
        const rows = explaining.forKysely
          .prepare(`explain query plan ${text}`)
          .all(Array.from({ length: text.split("?").length - 1 }, () => "x"));
        return { text, plan: rows.map((row) => String(Object(row).detail)) };
      });
    expect(plans.length).toBeGreaterThan(10);
    // The end of all sessions of a model, and the address of an e-mail change, are looked for in their whole table.
    const scans = plans.filter(({ plan }) =>
      plan.some((step) => /^SCAN (?!surplus|gone|CONSTANT)/.test(step)),
    );
    expect(scans.map(({ text }) => text.slice(0, 60))).toEqual([]);
    explaining.close();
  });
});

/** Runs each verb of the store once, so that its statements are prepared. */
async function everyStatement({ accounts, sessions, tickets }: Store, model: Model): Promise<void> {
  const created = await accounts.create(model, {
    provider: "email",
    uid: "ada@example.com",
    email: "ada@example.com",
    passwordHash: "hash",
    confirmed: false,
    fields: {},
  });
  if (created === "taken") throw new Error("The database was empty");
  const id = String(created.account.id);
  await accounts.find(model, id);
  await accounts.findByEmail(model, "ada@example.com");
  await accounts.rehash(model, id, "hash", "better");
  await accounts.update(model, id, {
    email: "a@example.com",
    password: { hash: "h", keep: null, endOthers: true },
  });
  const hash = "t".repeat(43);
  for (const kind of ["confirmation", "password_reset", "email_change"] as const) {
    await tickets.issue(model, {
      hash: `${kind}${hash}`.slice(0, 43),
      kind,
      accountId: id,
      email: "b@example.com",
      lifespan: 60_000,
    });
    await tickets.find(model, kind, hash);
  }
  await tickets.confirm(model, `confirmation${hash}`.slice(0, 43));
  const lifespan = 60_000;
  await sessions.create(model, {
    client: "client",
    accountId: id,
    tokenHash: "h" as never,
    limitedTo: null,
    passwordHash: null,
    lifespan,
    lifetime: null,
    userAgent: null,
    address: null,
    label: null,
    limit: 10,
  });
  await sessions.find(model, "client");
  await sessions.rotate(model, {
    client: "client",
    uid: "a@example.com",
    tokenHash: "h" as never,
    nextTokenHash: "i" as never,
    nonce: "n",
    window: 0,
    lifespan,
    address: null,
  });
  await sessions.extendWindow("client", 1, 5000);
  await sessions.list(model, id);
  await sessions.end(model, id, "client");
  await sessions.endAll(model, id);
  await accounts.deleteUnconfirmed(model, id);
  await accounts.delete(model, id);
}
