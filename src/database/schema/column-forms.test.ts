import { describe, expect, onTestFinished, test } from "vitest";
import { presentEngines } from "../../../test/fixtures/databases.js";
import { modelOf, openTables, type TableFixture } from "../../../test/fixtures/tables.js";
import type { FieldType, Model } from "../../accounts/models.js";
import { createSqlStore } from "../sql-store.js";

// A day is that day in every time zone, and a moment without a zone is UTC.
process.env["TZ"] = "America/New_York";

type Name = "sqlite" | "postgres" | "mysql";
const ids: Readonly<Record<Name, string>> = {
  sqlite: "integer primary key",
  postgres: "serial primary key",
  mysql: "int auto_increment primary key",
};

/** A column of an app's own, what is in it, and what it is read as: row by row. */
interface Case {
  readonly on: readonly Name[];
  readonly column: string;
  readonly type: FieldType;
  readonly rows: readonly (readonly [literal: string, read: unknown])[];
  /** What a client writes, and what stands in the table then. */
  readonly writes?: readonly (readonly [value: string | number | boolean, stored: unknown])[];
  readonly refuses?: readonly (string | number | boolean)[];
}

const all = ["sqlite", "postgres", "mysql"] as const;
const servers = ["postgres", "mysql"] as const;

const cases: readonly Case[] = [
  // Each spelling of true and false.
  {
    on: all,
    column: "char(1)",
    type: "boolean",
    rows: [
      ["'Y'", true],
      ["'N'", false],
    ],
    writes: [
      [true, "Y"],
      [false, "N"],
    ],
  },
  {
    on: all,
    column: "varchar(5)",
    type: "boolean",
    rows: [
      ["'t'", true],
      ["'f'", false],
      ["null", null],
    ],
    writes: [
      [true, "t"],
      [false, "f"],
    ],
  },
  {
    on: all,
    column: "varchar(10)",
    type: "boolean",
    rows: [
      ["'true'", true],
      ["'FALSE'", false],
      ["'false'", false],
    ],
    writes: [[false, "false"]],
  },
  {
    on: all,
    column: "varchar(3)",
    type: "boolean",
    rows: [
      ["'0'", false],
      ["'1'", true],
    ],
    writes: [[false, "0"]],
  },
  {
    on: all,
    column: "varchar(3)",
    type: "boolean",
    rows: [
      ["'no'", false],
      ["'yes'", true],
    ],
    writes: [[true, "yes"]],
  },
  {
    on: all,
    column: "smallint",
    type: "boolean",
    rows: [
      ["0", false],
      ["1", true],
      ["-1", true],
    ],
    writes: [
      [false, 0],
      [true, 1],
    ],
  },
  {
    on: all,
    column: "decimal(1, 0)",
    type: "boolean",
    rows: [
      ["0", false],
      ["1", true],
    ],
  },
  {
    on: servers,
    column: "bit(1)",
    type: "boolean",
    rows: [
      ["b'0'", false],
      ["b'1'", true],
    ],
  },
  {
    on: ["mysql"],
    column: "enum('N', 'Y')",
    type: "boolean",
    rows: [["null", null]],
    writes: [
      [true, "Y"],
      [false, "N"],
    ],
  },
  { on: ["mysql"], column: "tinyint(1)", type: "boolean", rows: [["0", false]] },
  {
    on: ["sqlite"],
    column: "boolean",
    type: "boolean",
    rows: [
      ["'t'", true],
      ["'f'", false],
    ],
    writes: [[false, "f"]],
  },
  // Numbers.
  {
    on: ["sqlite"],
    column: "decimal(10, 2)",
    type: "number",
    rows: [["12.50", 12.5]],
    writes: [[1.005, 1.005]],
  },
  {
    on: servers,
    column: "decimal(10, 2)",
    type: "number",
    rows: [
      ["12.50", 12.5],
      ["-3", -3],
    ],
    refuses: [1.005, 0.001],
  },
  { on: all, column: "decimal(20, 0)", type: "integer", rows: [["12", 12]], refuses: [] },
  { on: servers, column: "smallint", type: "integer", rows: [["7", 7]], refuses: [32768, -32769, 1e15] },
  { on: ["mysql"], column: "int unsigned", type: "integer", rows: [["7", 7]], refuses: [-1, 2 ** 32] },
  { on: all, column: "real", type: "number", rows: [["0.5", 0.5]] },
  {
    on: ["postgres"],
    column: "real",
    type: "number",
    rows: [["0.1", 0.1]],
    refuses: [16777217, 0.123456789],
  },
  { on: ["mysql"], column: "float", type: "number", rows: [["0.1", 0.1]], refuses: [16777217] },
  { on: all, column: "bigint", type: "integer", rows: [["9007199254740993", "9007199254740993"]] },
  // Texts.
  {
    on: all,
    column: "date",
    type: "string",
    rows: [["'2020-03-08'", "2020-03-08"]],
    writes: [["2021-11-07", expect.anything()]],
    refuses: ["2021-11-7", "2021-02-30", "tomorrow", ""],
  },
  {
    on: servers,
    column: "timestamp",
    type: "string",
    rows: [["'2020-03-08 02:30:00'", "2020-03-08T02:30:00.000Z"]],
    refuses: ["2020-03-08 02:30:00", "now"],
  },
  {
    on: ["postgres"],
    column: "char(5)",
    type: "string",
    rows: [["'ab'", "ab"]],
    refuses: ["abcdef", "ab    "],
  },
  { on: ["mysql"], column: "char(5)", type: "string", rows: [["'ab'", "ab"]], refuses: ["abcdef", "ab    "] },
  {
    on: servers,
    column: "varchar(3)",
    type: "string",
    rows: [["'abc'", "abc"]],
    writes: [["👍👍👍", "👍👍👍"]],
    refuses: ["abcd", "abc "],
  },
  {
    on: ["mysql"],
    column: "enum('red', 'blue')",
    type: "string",
    rows: [["'red'", "red"]],
    refuses: ["green", "1"],
  },
  {
    on: ["mysql"],
    column: "varchar(9) character set latin1",
    type: "string",
    rows: [["'é'", "é"]],
    refuses: ["👍", "ж"],
  },
];

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

  test.each(cases.filter(({ on }) => on.includes(name)))(
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
      const before = await tables.rows("select x from people where id = 1");
      for (const value of refuses) {
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
    ).filter(([, , on]) => (on as readonly Name[]).includes(name)),
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
        verdict: expect.stringMatching(change),
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
