import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { hasNodeSqlite, sqliteDrivers } from "../../../test/fixtures/sqlite-drivers.js";
import { createRegistry, type FieldConfig } from "../../accounts/models.js";
import { storeContract } from "../contract/contract.js";
import { admin, openContractWorld } from "../contract/world.js";
import { createSqlStore } from "../sql-store.js";
import { sqlite, sqliteExecutor } from "./sqlite.js";
import { openSqlite } from "./sqlite-driver.js";

const folder = mkdtempSync(join(tmpdir(), "keyturn-sqlite-"));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const newFile = (): string => join(folder, `${++files}`, "app.db");

const databases = sqliteDrivers.flatMap((driver) => [
  { driver, where: "in memory", file: ":memory:", connections: 1 },
  { driver, where: "in a file with three connections", file: newFile(), connections: 3 },
]);

describe.each(databases)("$driver $where", async ({ driver, file, connections }) => {
  const world = await openContractWorld(sqlite(file, { driver }), connections);
  afterAll(() => world.close());
  test.each(storeContract)("$name", ({ run }) => run(world));
});

test.skipIf(hasNodeSqlite)("node:sqlite is not part of this Node, and asking for it says so", async () => {
  await expect(openSqlite(":memory:", "node:sqlite")).rejects.toThrow(/node:sqlite/);
});

test.each(sqliteDrivers)(
  "%s: a transaction that fails leaves nothing and can be followed by another",
  async (driver) => {
    const store = await sqlite(newFile(), { driver }).connect({ models: [admin] });
    await store.migrate("apply");
    const account = {
      provider: "email",
      uid: "a@x",
      email: "a@x",
      passwordHash: null,
      confirmed: true,
      fields: {},
    };
    expect(await store.accounts.create(admin, account)).not.toBe("taken");
    const other = await store.accounts.create(admin, { ...account, uid: "b@x", email: "b@x" });
    const id = other === "taken" ? "" : String(other.account.id);
    for (let i = 0; i < 2; i++)
      expect(await store.accounts.update(admin, id, { email: "a@x" })).toBe("taken");
    expect(await store.accounts.update(admin, id, { email: "c@x" })).toMatchObject({
      account: { uid: "c@x" },
    });
    await store.close();
  },
);

test("a database that was never migrated is refused by a check, which says what to run", async () => {
  const store = await sqlite(newFile()).connect({ models: [admin] });
  await expect(store.migrate("check")).rejects.toThrow(/001-first-tables.*admins.*keyturn migrate/);
  await store.migrate("apply");
  await store.migrate("check");
  await store.close();
});

test.each(sqliteDrivers)(
  "%s: a migration that is cut short leaves nothing behind, and the next one does all of it",
  async (driver) => {
    const file = newFile();
    mkdirSync(dirname(file));
    const connection = await openSqlite(file, driver);
    const killed = { ...connection.forKysely };
    killed.prepare = (text) => {
      if (text.includes("keyturn_tickets")) throw new Error("killed");
      return connection.forKysely.prepare(text);
    };
    const executor = sqliteExecutor({ ...connection, forKysely: killed }, Date.now);
    await expect(createSqlStore(executor, [admin]).migrate("apply")).rejects.toThrow("killed");
    connection.close();
    const store = await sqlite(file, { driver }).connect({ models: [admin] });
    await store.migrate("apply");
    await store.migrate("check");
    await store.close();
  },
);

test.each(sqliteDrivers)(
  "%s: columns that a model gained are added, also when another server is adding them",
  async (driver) => {
    const file = newFile();
    const modelsOf = (fields: Record<string, FieldConfig>) =>
      createRegistry({ person: { mountAt: "/auth", fields } }, {}).models;
    const first = await sqlite(file, { driver }).connect({ models: modelsOf({}) });
    await first.migrate("apply");
    await first.close();
    const models = modelsOf({ nickname: { type: "string" }, age: { type: "integer" } });
    const connections = await Promise.all([1, 2, 3].map(() => openSqlite(file, driver)));
    const engines = connections.map((connection) => sqliteExecutor(connection, Date.now));
    await Promise.all(engines.map((executor) => createSqlStore(executor, models).migrate("apply")));
    for (const engine of engines) {
      await createSqlStore(engine, models).migrate("check");
      await engine.close();
    }
  },
);

test("the name of a file is asked for", () => {
  expect(() => sqlite("")).toThrow(TypeError);
});
