import { describe, expect, onTestFinished, test } from "vitest";
import { engines, presentEngines } from "../../../test/fixtures/databases.js";
import { modelOf, openTables, type TableFixture } from "../../../test/fixtures/tables.js";
import type { Model, ModelConfig } from "../../accounts/models.js";
import type { SqlExecutor } from "../driver.js";
import { createSqlStore } from "../sql-store.js";

const columns = { email: "mail" } as const;

describe.each(presentEngines)("$name", ({ name, create }) => {
  const opened = async (): Promise<TableFixture> => {
    const tables = await openTables(await create());
    onTestFinished(() => tables.drop());
    return tables;
  };
  const id = {
    sqlite: "integer primary key",
    postgres: "serial primary key",
    mysql: "int auto_increment primary key",
  }[name];
  const text = "varchar(200)";
  const migrate = (
    executor: SqlExecutor,
    model: Model,
    mode: "apply" | "check" = "apply",
  ): Promise<readonly string[]> => createSqlStore(executor, [model]).migrate(mode);
  const fresh = (config: Partial<ModelConfig> = {}): Model => modelOf({ columns, ...config });
  const snapshot = async (tables: TableFixture): Promise<string> => {
    const source = {
      sqlite: "select name, sql from sqlite_master order by name",
      postgres:
        "select table_name, column_name, data_type, column_default, is_nullable from information_schema.columns where table_schema = current_schema() order by 1, 2",
      mysql:
        "select table_name, column_name, column_type, column_default, is_nullable from information_schema.columns where table_schema = database() order by 1, 2",
    }[name];
    return JSON.stringify(await tables.rows(source));
  };

  test("ten servers that start at once on an empty database make each table once", async () => {
    const tables = await opened();
    const models = [modelOf(), modelOf({ table: "staff", idType: "uuid" })];
    const stores = await Promise.all(
      Array.from({ length: 10 }, async () => createSqlStore(await tables.newEngine(), models)),
    );
    await Promise.all(stores.map((store) => store.migrate("apply")));
    await Promise.all(stores.map((store) => store.migrate("check")));
    expect(await tables.rows("select name from keyturn_migrations order by name")).toEqual([
      { name: "001-first-tables" },
      { name: "002-oauth" },
      { name: "003-counters" },
      { name: "004-audit-log" },
      { name: "005-known-devices" },
    ]);
    const keys = await Promise.all(stores.map((store) => store.serverKey()));
    expect(new Set(keys).size).toBe(1);
  });

  test("ten servers that start at once over an existing table add each column once", async () => {
    const tables = await opened();
    await tables.run(
      `create table people (id ${id}, mail ${text})`,
      "insert into people (mail) values ('ann@example.com')",
    );
    const stores = await Promise.all(
      Array.from({ length: 10 }, async () => createSqlStore(await tables.newEngine(), [fresh()])),
    );
    await Promise.all(stores.map((store) => store.migrate("apply")));
    expect(await tables.rows("select mail, uid, provider from people")).toEqual([
      { mail: "ann@example.com", uid: "ann@example.com", provider: "email" },
    ]);
  });

  test("columns and rows of the app's own stay as they were", async () => {
    const tables = await opened();
    await tables.run(
      `create table people (id ${id}, mail ${text} not null, motto ${text} default 'none' not null, legs integer)`,
      "create index people_legs on people (legs)",
      "insert into people (mail, motto, legs) values ('ann@example.com', 'on', 2), ('bob@example.com', 'off', null)",
      `create table unrelated (id ${id}, secret ${text})`,
      "insert into unrelated (secret) values ('kept')",
    );
    const before = await tables.rows("select id, mail, motto, legs from people order by id");
    const model = fresh({ fields: { nickname: { type: "string" }, vip: { type: "boolean" } } });
    await migrate(tables.executor, model);
    expect(await tables.rows("select id, mail, motto, legs from people order by id")).toEqual(before);
    expect(await tables.rows("select nickname, vip, password_hash from people where id = 1")).toEqual([
      { nickname: null, vip: null, password_hash: null },
    ]);
    expect(await tables.rows("select secret from unrelated")).toEqual([{ secret: "kept" }]);
    await tables.run("insert into people (mail, provider, uid) values ('cat@example.com', 'email', 'cat')");
    expect(await tables.rows("select motto, created_at from people where uid = 'cat'")).toEqual([
      { motto: "none", created_at: null },
    ]);
    const after = await snapshot(tables);
    // A model that has no such fields any more takes nothing away.
    await migrate(tables.executor, fresh());
    await migrate(tables.executor, model, "check");
    expect(await snapshot(tables)).toBe(after);
  });

  test.each([
    ["an address", "'ann@example.com', 'facebook', '1'", "'ann@example.com', 'facebook', '2'", "mail"],
    [
      "a uid of one provider",
      "'ann@example.com', 'facebook', '1'",
      "'bob@example.com', 'facebook', '1'",
      "uid",
    ],
    [
      "the uid that an address would become",
      "'ann@example.com', 'email', null",
      "'bob@example.com', 'email', 'ann@example.com'",
      "uid",
    ],
  ])(
    "%s that stands in two rows is refused before anything is done, and not repeated",
    async (_what, one, other, column) => {
      const tables = await opened();
      await tables.run(
        `create table people (id ${id}, mail ${text}, provider ${text}, uid ${text})`,
        `insert into people (mail, provider, uid) values (${one}), (${other})`,
      );
      const before = await snapshot(tables);
      const error = await migrate(tables.executor, fresh()).then(String, String);
      expect(error).toMatch(
        new RegExp(`"people".*1 value of the column "${column}".*Nothing was changed.*having count`),
      );
      expect(error).not.toMatch(/@example|facebook/);
      expect(await snapshot(tables)).toBe(before);
      // What the message says to run finds them.
      const [, find = ""] = /Find them with: (.*?);/.exec(error) ?? [];
      expect(await tables.rows(find)).toHaveLength(1);
      await tables.run("delete from people where id = 2");
      await migrate(tables.executor, fresh());
      await migrate(tables.executor, fresh(), "check");
    },
  );

  test("from then on the database holds addresses and uids to be unique", async () => {
    const tables = await opened();
    await tables.run(`create table people (id ${id}, mail ${text})`);
    await migrate(tables.executor, fresh());
    const row = (mail: string, uid: string): string =>
      `insert into people (mail, provider, uid) values ('${mail}', 'email', '${uid}')`;
    await tables.run(row("a@x", "a"));
    await expect(tables.run(row("a@x", "b"))).rejects.toThrow();
    await expect(tables.run(row("b@x", "a"))).rejects.toThrow();
    await tables.run(row("b@x", "b"));
  });

  test("unique indexes that are there are used, under whatever name, also on the uid alone", async () => {
    const tables = await opened();
    await tables.run(
      `create table people (id ${id}, mail ${text} unique, provider ${text}, uid ${text})`,
      "create unique index mine on people (uid, provider)",
    );
    await migrate(tables.executor, fresh());
    const model = fresh();
    expect(await createSqlStore(tables.executor, [model]).pending()).toEqual([]);
    await tables.run(
      "drop table people",
      `create table people (id ${id}, mail ${text} unique, provider ${text}, uid ${text} unique)`,
    );
    const pending = await createSqlStore(tables.executor, [model]).pending();
    expect(pending.filter(({ what }) => what.includes("index"))).toEqual([]);
  });

  test.each([
    ["no id", `create table people (mail ${text})`, /columns\.id/],
    ["an id that is not unique", `create table people (id integer, mail ${text})`, /primary key/],
    ["an id that is a moment", "create table people (id date primary key)", /type date/],
    ["a view", "create view people as select 1 as id", /view/],
  ])("a table with %s is refused", async (_what, statement, message) => {
    const tables = await opened();
    await tables.run(statement);
    await expect(migrate(tables.executor, fresh())).rejects.toThrow(message);
    expect(await tables.rows("select * from people")).toBeDefined();
  });

  test("an id type that the table does not have is refused", async () => {
    const tables = await opened();
    await tables.run(`create table people (id ${id}, mail ${text})`);
    await expect(migrate(tables.executor, fresh({ idType: "uuid" }))).rejects.toThrow(/idType says "uuid"/);
  });

  test("a database of a newer version is refused in every mode", async () => {
    const tables = await opened();
    await migrate(tables.executor, fresh());
    await tables.run(
      "insert into keyturn_migrations (name, timestamp) values ('099-later', '2030-01-01T00:00:00.000Z')",
    );
    for (const mode of ["apply", "check"] as const)
      await expect(migrate(tables.executor, fresh(), mode)).rejects.toThrow(
        /newer version of Keyturn \(099-later\)/,
      );
    await expect(createSqlStore(tables.executor, [fresh()]).pending()).rejects.toThrow(/newer version/);
  });

  test("the statements that are printed do what applying does, and then nothing is left to do", async () => {
    const own = [
      `create table people (id ${id}, mail ${text})`,
      "insert into people (mail) values ('ann@example.com')",
    ];
    const [printed, applied] = [await opened(), await opened()];
    const model = fresh({ fields: { nickname: { type: "string" } } });
    for (const tables of [printed, applied]) await tables.run(...own);
    const before = await snapshot(printed);
    const statements = (await createSqlStore(printed.executor, [model]).pending()).map(
      ({ statement }) => statement,
    );
    expect(await snapshot(printed)).toBe(before);
    await printed.run(...statements);
    await migrate(applied.executor, model);
    await migrate(printed.executor, model, "check");
    expect(await snapshot(printed)).toBe(await snapshot(applied));
    expect(await printed.rows("select uid, provider from people")).toEqual([
      { uid: "ann@example.com", provider: "email" },
    ]);
  });

  test("an apply that was cut at any statement is completed by the next one", async () => {
    const count = 8;
    for (let cut = 0; cut <= count; cut++) {
      const tables = await opened();
      await tables.run(
        `create table people (id ${id}, mail ${text})`,
        "insert into people (mail) values ('ann@example.com')",
      );
      const pending = await createSqlStore(tables.executor, [fresh()]).pending();
      // As a database without transactions is left: the first statements done, the others not.
      const done = Math.round((pending.length * cut) / count);
      await tables.run(...pending.slice(0, done).map(({ statement }) => statement));
      await migrate(tables.executor, fresh());
      await migrate(tables.executor, fresh(), "check");
      expect(await tables.rows("select uid, provider from people")).toEqual([
        { uid: "ann@example.com", provider: "email" },
      ]);
    }
  });
});

const [, postgres] = engines;

test.skipIf(postgres.missing)(
  "PostgreSQL: tables of the same names in another schema are another app's",
  async () => {
    const [mine, other] = [
      await openTables(await postgres.create()),
      await openTables(await postgres.create()),
    ];
    for (const tables of [mine, other]) onTestFinished(() => tables.drop());
    await migrateBoth(other.executor);
    await migrateBoth(mine.executor);
    const here =
      "select count(*)::int as n from information_schema.tables where table_schema = current_schema()";
    expect(await mine.rows(here)).toEqual([{ n: 10 }]);
  },
);

async function migrateBoth(executor: SqlExecutor): Promise<void> {
  const store = createSqlStore(executor, [modelOf({ columns })]);
  await store.migrate("apply");
  await store.migrate("check");
}
