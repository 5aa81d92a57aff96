import { mkdtempSync, rmSync } from "node:fs";
import { builtinModules } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { storeContract } from "./contract.js";
import { admin, openContractWorld } from "./contract-world.js";
import { sqlite } from "./sqlite.js";
import { openSqlite, type SqliteDriver } from "./sqlite-driver.js";

const folder = mkdtempSync(join(tmpdir(), "keyturn-sqlite-"));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const newFile = (): string => join(folder, `${++files}`, "app.db");

// The name is not in the list before Node 24, although the module is there from 22.13 on.
const hasNodeSqlite =
  builtinModules.includes("sqlite") || process.getBuiltinModule("node:sqlite") !== undefined;
const drivers: readonly SqliteDriver[] = hasNodeSqlite
  ? ["better-sqlite3", "node:sqlite"]
  : ["better-sqlite3"];
const databases = drivers.flatMap((driver) => [
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

test.each(drivers)(
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

test("the name of a file is asked for", () => {
  expect(() => sqlite("")).toThrow(TypeError);
});
