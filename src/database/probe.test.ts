import { sql } from "kysely";
import { afterEach, describe, expect, test } from "vitest";
import { presentEngines, type TestDatabase } from "../../test/fixtures/databases.js";
import { createRegistry } from "../accounts/models.js";
import { postgres } from "./postgres/database.js";
import { createSqlStore } from "./sql-store.js";

const { models } = createRegistry({ user: { mountAt: "/auth" } }, {});
const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close();
});

async function start(create: () => Promise<TestDatabase> | TestDatabase): Promise<TestDatabase> {
  const database = await create();
  opened.push(() => database.drop());
  const store = await database.database.connect({ models });
  await store.migrate("apply");
  await store.close();
  return database;
}

describe.each(presentEngines)("a probe on $name", ({ create }) => {
  test("says whether the database takes writes, and what time it is there", async () => {
    const { database } = await start(create);
    const store = await database.connect({ models });
    opened.push(() => store.close());
    const { isReadOnly, now } = await store.probe();
    expect(isReadOnly).toBe(false);
    expect(Math.abs(now - Date.now())).toBeLessThan(5000);
  });

  test.each([
    ["0", false],
    ["OFF", false],
    ["false", false],
    ["1", true],
    ["ON", true],
    ["true", true],
    ["NO_LOCK", true],
  ])("reads %s, however a database spells it", async (spelling, isReadOnly) => {
    const { newEngine } = await start(create);
    const engine = await newEngine();
    const dialect = { ...engine.dialect, readOnly: sql.lit(spelling) };
    const store = createSqlStore({ ...engine, dialect }, models);
    opened.push(() => store.close());
    expect((await store.probe()).isReadOnly).toBe(isReadOnly);
  });

  test("is one statement, which fails where our tables cannot be read", async () => {
    const { newEngine } = await start(create);
    const engine = await newEngine();
    let statements = 0;
    const run: typeof engine.run = (query) => {
      statements += 1;
      return engine.run(query);
    };
    const store = createSqlStore({ ...engine, run }, models);
    opened.push(() => store.close());
    await store.probe();
    expect(statements).toBe(1);
    await engine.run({ sql: "drop table keyturn_settings", values: [] });
    await expect(store.probe()).rejects.toThrow();
  });
});

test.skipIf(!presentEngines.some(({ name }) => name === "postgres"))(
  "PostgreSQL that takes no writes says so",
  async () => {
    const engine = presentEngines.find(({ name }) => name === "postgres");
    if (!engine) return;
    const { url } = await start(engine.create);
    const closed = new URL(url);
    const options = closed.searchParams.get("options");
    closed.searchParams.set("options", `${options} -c default_transaction_read_only=on`);
    const store = await postgres(closed.href).connect({ models });
    opened.push(() => store.close());
    expect((await store.probe()).isReadOnly).toBe(true);
  },
);
