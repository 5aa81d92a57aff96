import { describe, expect, onTestFinished, test } from "vitest";
import { all, columnCases, servers } from "../../../test/fixtures/column-cases.js";
import { presentEngines } from "../../../test/fixtures/databases.js";
import type { EngineName } from "../../../test/fixtures/peer-tables.js";
import { modelOf, openTables, type TableFixture } from "../../../test/fixtures/tables.js";
import type { FieldType, Model } from "../../accounts/models.js";
import { createSqlStore } from "../sql-store.js";

// A day is that day in every time zone, and a moment without a zone is UTC.
process.env["TZ"] = "America/New_York";

const ids: Readonly<Record<EngineName, string>> = {
  sqlite: "integer primary key",
  postgres: "serial primary key",
  mysql: "int auto_increment primary key",
};

describe.each(presentEngines)("$name", ({ name, create }) => {
  const opened = async (column: string, literals: readonly string[]): Promise<TableFixture> => {
    const tables = await openTables(await create());
    onTestFinished(() => tables.drop());
    await tables.run(
      `create table people (id ${ids[name]}, mail varchar(200) unique, x ${column})`,
      ...literals.map(
        (literal, i) => `insert into people (mail, x) values ('n${i}@example.com', ${literal})`,
      ),
    );
    return tables;
  };
  const modelWith = (type: FieldType): Model =>
    modelOf({ columns: { email: "mail" }, fields: { x: { type, writable: true } } });

  test.each(columnCases.filter(({ on }) => on.includes(name)))(
    "a field of the type $type in a column of the type $column is read and written as what it is: $rows",
    async ({ column, type, rows, writes = [], refuses = [] }) => {
      const tables = await opened(
        column,
        rows.map(([literal]) => literal),
      );
      const model = modelWith(type);
      const store = createSqlStore(tables.executor, [model]);
      await store.migrate("apply");
      const read = async (i: number): Promise<unknown> =>
        (await store.accounts.findByEmail(model, `n${i}@example.com`))?.account["x"];
      for (const [i, [, value]] of rows.entries()) expect(await read(i)).toEqual(value);
      for (const value of refuses) {
        const before = await tables.rows("select x from people where id = 1");
        const update = store.accounts.update(model, "1", { fields: { x: value } });
        await expect(update).rejects.toMatchObject({
          code: "invalid",
          problems: new Map([["x", expect.anything()]]),
        });
        expect(await tables.rows("select x from people where id = 1")).toEqual(before);
      }
      for (const [value, stored] of writes) {
        await store.accounts.update(model, "1", { fields: { x: value } });
        expect((await tables.rows("select x from people where id = 1"))[0]?.["x"]).toEqual(stored);
        expect(await read(0)).toEqual(value);
      }
      // What was read can be written again, and is the same.
      for (const [i, [, value]] of rows.entries()) {
        if (value === null || typeof value === (type === "integer" ? "string" : "")) continue;
        await store.accounts.update(model, String(i + 1), { fields: { x: value as string } });
        expect(await read(i)).toEqual(value);
      }
    },
  );

  test.each(
    (
      [
        ["string", "integer", all, /change to (text|varchar\(255\)), or set another fields\.x\.type/],
        ["boolean", "date", all, /change to (integer|boolean|tinyint\(1\))/],
        ["integer", "decimal(10, 2)", all, /change to (integer|bigint)/],
        ["integer", "varchar(20)", all, /change to (integer|bigint)/],
        ["number", "varchar(20)", all, /change to (real|double)/],
        ["boolean", "bit(8)", servers, /change to (boolean|tinyint\(1\))/],
        ["string", "bytea", ["postgres"], /change to varchar\(255\)/],
        ["string", "blob", ["sqlite", "mysql"], /change to (text|varchar\(255\))/],
        ["string", "integer[]", ["postgres"], /change to varchar\(255\)/],
        ["string", "json", ["postgres"], /change to varchar\(255\)/],
      ] as const
    ).filter(([, , on]) => (on as readonly EngineName[]).includes(name)),
  )(
    "a field of the type %s in a column of the type %s is refused, with what to change",
    async (type, column, _on, change) => {
      const tables = await opened(column, []);
      const store = createSqlStore(tables.executor, [modelWith(type)]);
      await expect(store.migrate("apply")).rejects.toThrow(change);
      expect(await tables.rows("select * from people")).toEqual([]);
      const { columns } = await store.inspect();
      expect(columns.find(({ place }) => place === "fields.x")).toMatchObject({
        isUsable: false,
        finding: expect.stringMatching(change),
      });
    },
  );

  test("texts for booleans that are neither are read as nothing, never as true, and counted", async () => {
    const tables = await opened("varchar(9)", ["'Y'", "'N'", "'maybe'", "'?'"]);
    const model = modelWith("boolean");
    const store = createSqlStore(tables.executor, [model]);
    await expect(store.migrate("apply")).rejects.toThrow(/"x" is .*change to/);
    await tables.run("delete from people where x = '?'", "update people set x = 'N' where x = 'maybe'");
    expect(await store.migrate("apply")).toEqual([]);
    await tables.run("update people set x = 'perhaps' where mail = 'n1@example.com'");
    expect((await store.accounts.findByEmail(model, "n1@example.com"))?.account["x"]).toBeNull();
  });
});
