import { describe, expect, onTestFinished, test } from "vitest";
import { presentEngines } from "../../../test/fixtures/databases.js";
import { modelOf, openTables } from "../../../test/fixtures/tables.js";
import { UniqueViolation } from "../database-error.js";
import { createSqlStore } from "../sql-store.js";

/** Tables that look right and are not: what they would do wrong shows only later. */

const account = (email: string) => ({
  provider: "email",
  uid: email,
  email,
  passwordHash: "h",
  confirmed: true,
  fields: {},
});

describe.each(presentEngines)("$name", ({ name, create }) => {
  const migrated = async (...statements: readonly string[]) => {
    const tables = await openTables(await create());
    onTestFinished(() => tables.drop());
    await tables.run(...statements);
    const model = modelOf({ columns: { email: "mail" } });
    const store = createSqlStore(tables.executor, [model]);
    return { tables, model, store, warnings: await store.migrate("apply") };
  };

  // SQLite, https://www.sqlite.org/lang_createtable.html#rowid: of these only the last numbers its rows.
  test.runIf(name === "sqlite").each([
    ["id integer primary key desc, mail text", "", "refused"],
    ["id int primary key, mail text", "", "refused"],
    ["id integer primary key, mail text", "without rowid", "refused"],
    ["id integer primary key /* not without rowid */, mail text", "", "takes accounts"],
    ["id integer, mail text, primary key (id)", "", "takes accounts"],
  ])("a table (%s) %s is %s, so that no account is without an id", async (columns, options, outcome) => {
    const opening = migrated(`create table people (${columns}) ${options}`);
    if (outcome === "refused") {
      await expect(opening).rejects.toThrow(/"id" is .*nothing gives a new account its id/);
      return;
    }
    const { store, model } = await opening;
    expect(await store.accounts.create(model, account("ann@example.com"))).toMatchObject({
      account: { id: 1 },
    });
  });

  // delight-im/PHP-Auth#229, phpbb/phpbb#6637, uw-ictd/colte#1
  test.runIf(name === "mysql").each(["MyISAM", "MEMORY"])(
    "a table of %s knows no transactions, and is refused with what to do",
    async (engine) => {
      const table = "create table people (id int auto_increment primary key, mail varchar(200))";
      await expect(migrated(`${table} engine = ${engine}`)).rejects.toThrow(
        new RegExp(`is kept by ${engine}, .*alter table people engine = InnoDB. Nothing was changed`),
      );
    },
  );

  // casdoor/casdoor#4466, serverpod/serverpod#2737: it was told to the client as its own mistake, and logged nowhere.
  test.runIf(name === "postgres")(
    "a sequence that an import has left behind is the server's mistake",
    async () => {
      const { store, model } = await migrated(
        "create table people (id serial primary key, mail text)",
        "insert into people (id, mail) values (1, 'old@example.com')",
      );
      const taken = store.accounts.create(model, account("ann@example.com"));
      await expect(taken).rejects.toBeInstanceOf(UniqueViolation);
      await expect(taken).rejects.toThrow(/people_pkey/);
      // The next number is free.
      expect(await store.accounts.create(model, account("ann@example.com"))).toMatchObject({
        account: { id: 2 },
      });
    },
  );

  // nodejs/node#28797, postmanlabs/postman-app-support#3835
  test("uids that no header carries are counted", async () => {
    const id = {
      sqlite: "integer primary key",
      postgres: "serial primary key",
      mysql: "int auto_increment primary key",
    }[name];
    const { warnings } = await migrated(
      `create table people (id ${id}, mail varchar(200), uid varchar(200))`,
      ...["a ", " b", "c\n", "d e", "f"].map(
        (uid) => `insert into people (mail, uid) values ('${uid.trim().charAt(0)}@example.com', '${uid}')`,
      ),
    );
    expect(warnings.filter((warning) => warning.includes("header"))).toEqual([
      expect.stringMatching(/3 values of the column "uid" have blanks around .* trim\(uid\)/),
    ]);
  });
});
