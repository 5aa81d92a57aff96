import { describe, expect, onTestFinished, test } from "vitest";
import { presentEngines } from "../../../test/fixtures/databases.js";
import { modelOf, openTables, type TableFixture } from "../../../test/fixtures/tables.js";
import type { ModelConfig } from "../../accounts/models.js";
import { createSqlStore } from "../sql-store.js";

/** Tables over which other systems stumbled, by their public reports. */

const columns = { email: "mail" } as const;
const account = (email: string, fields: Record<string, unknown> = {}) => ({
  provider: "email",
  uid: email,
  email,
  passwordHash: "h",
  confirmed: true,
  fields,
});

describe.each(presentEngines)("$name", ({ name, create }) => {
  const id = {
    sqlite: "integer primary key",
    postgres: "serial primary key",
    mysql: "int auto_increment primary key",
  }[name];
  const opened = async (...statements: readonly string[]): Promise<TableFixture> => {
    const tables = await openTables(await create());
    onTestFinished(() => tables.drop());
    await tables.run(...statements);
    return tables;
  };
  const migrated = async (tables: TableFixture, config: Partial<ModelConfig> = {}) => {
    const model = modelOf({ columns, ...config });
    const store = createSqlStore(tables.executor, [model]);
    return { model, store, warnings: await store.migrate("apply") };
  };

  // pantheon-systems/wp-saml-auth#495, antiwork/gumroad#6522, hpyhacking/peatio#398
  test("an address that the column only holds for equal is another person's: an accent, an invisible mark, a sharp s", async () => {
    const type =
      name === "mysql" ? "varchar(200) character set utf8mb4 collate utf8mb4_unicode_ci" : "varchar(200)";
    const tables = await opened(
      `create table people (id ${id}, mail ${type} unique)`,
      "insert into people (mail) values ('jose@example.com'), ('Strasse@example.com')",
    );
    const { store, model } = await migrated(tables);
    for (const other of [
      "josé@example.com",
      "jose\u200f@example.com",
      "straße@example.com",
      "jöse@example.com",
    ])
      expect(await store.accounts.findByEmail(model, other)).toBeUndefined();
    expect(await store.accounts.findByEmail(model, "jose@example.com")).toBeDefined();
    // In a column that ignores case, an address with capitals is found by its own.
    if (name === "mysql")
      expect(await store.accounts.findByEmail(model, "strasse@example.com")).toBeDefined();
  });

  // FAForever/db#177, desec-io/desec-stack#417: an index on lower(email).
  test("an address that an index of the app's own on lower(mail) refuses is taken, and no error", async () => {
    const index = {
      sqlite: "create unique index one_of_each on people (lower(mail))",
      postgres: "create unique index one_of_each on people (lower(mail))",
      // MariaDB has no index on an expression, but one on a generated column.
      mysql:
        "alter table people add lower_mail varchar(200) as (lower(mail)) stored, add unique one_of_each (lower_mail)",
    }[name];
    const type = name === "mysql" ? "varchar(200) character set utf8mb4 collate utf8mb4_bin" : "varchar(200)";
    const tables = await opened(
      `create table people (id ${id}, mail ${type}, nick varchar(20) unique)`,
      index,
      "insert into people (mail, nick) values ('Ann@example.com', 'ann'), ('bob@example.com', 'bob')",
    );
    const { store, model } = await migrated(tables, { fields: { nick: { type: "string" } } });
    expect(await store.accounts.create(model, account("ann@example.com"))).toBe("taken");
    expect(await store.accounts.update(model, "2", { email: "ann@example.com" })).toBe("taken");
    // Another unique column never says so of the address.
    await expect(
      store.accounts.create(model, account("cat@example.com", { nick: "ann" })),
    ).rejects.toMatchObject({
      code: "invalid",
      problems: new Map([["nick", [{ code: "taken" }]]]),
    });
    await expect(store.accounts.update(model, "2", { fields: { nick: "ann" } })).rejects.toMatchObject({
      problems: new Map([["nick", [{ code: "taken" }]]]),
    });
  });

  // symfony/symfony#37170, google/ctfscoreboard#298, privacyidea/privacyidea#2446, emreakay/CodeIgniter-Aauth#182
  test.skipIf(name === "sqlite").each([48, 60, 64, 77, 96])(
    "a password column of %i characters is refused",
    async (length) => {
      const tables = await opened(
        `create table people (id ${id}, mail varchar(200), password_hash varchar(${length}))`,
      );
      await expect(migrated(tables)).rejects.toThrow(`"password_hash" is`);
    },
  );

  // better-auth/better-auth#9920, lucia-auth/lucia#1392: drizzle's timestamps in SQLite are numbers, of seconds or milliseconds.
  test.each([
    ["seconds", 1_580_702_645],
    ["milliseconds", 1_580_702_645_000],
  ])("moments that are numbers of %s stay so", async (_unit, number) => {
    const tables = await opened(
      `create table people (id ${id}, mail varchar(200), created_at bigint, updated_at bigint, confirmed_at bigint)`,
      `insert into people (mail, created_at, updated_at, confirmed_at) values ('ann@example.com', ${number}, ${number}, ${number})`,
    );
    const { store, model } = await migrated(tables);
    expect(await store.accounts.findByEmail(model, "ann@example.com")).toMatchObject({
      confirmedAt: 1_580_702_645_000,
      account: { created_at: "2020-02-03T04:04:05.000Z" },
    });
    await store.accounts.create(model, account("bob@example.com"));
    const [row] = await tables.rows("select max(created_at) as latest from people");
    expect(String(Number(row?.["latest"]))).toHaveLength(String(number).length);
  });

  // Hashes of Spring Security, WordPress (phpass and since 6.8), Drupal, MD5, Django, LDAP, plain text.
  test("hashes that cannot be verified are counted, and those that can are not", async () => {
    const good = ["$2a$", "$2b$", "$2y$"].map(
      (kind) => `${kind}12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW`,
    );
    const bad = [
      `{bcrypt}${good[0]}`,
      "$P$B55D6LjfHDkINU5wF.v2BuuzO0/XPk/",
      `$wp${good[2]}`,
      "$S$D5z1Wm6bevjS5EQ3OdxLqhQjvfCW8jKO7Ju3uLU6IIBVNYVlfKnb",
      "5f4dcc3b5aa765d61d8327deb882cf99",
      "pbkdf2_sha256$870000$abc$def=",
      "{SSHA}0c0blFTXXNuAMHECS4uxrj3ZieMoWImr",
      "hunter2",
    ];
    const tables = await opened(
      `create table people (id ${id}, mail varchar(200), password_hash varchar(255))`,
      ...[...good, ...bad, ""].map(
        (hash, i) => `insert into people (mail, password_hash) values ('n${i}@example.com', '${hash}')`,
      ),
    );
    const { warnings } = await migrated(tables);
    expect(warnings).toEqual([
      expect.stringMatching(/8 values of the column "password_hash" are hashes that Keyturn cannot/),
    ]);
    expect(warnings.join()).not.toMatch(/hunter2|5f4dcc/);
  });

  test("an address in a column that may have been filled with blanks, or none, does not stand in the way of others", async () => {
    const tables = await opened(
      `create table people (id ${id}, mail varchar(200) default '' not null, uid varchar(200))`,
      "insert into people (mail, uid) values ('', null), ('ann@example.com', null)",
    );
    const { store, model } = await migrated(tables);
    expect(await store.accounts.findByEmail(model, "ann@example.com")).toMatchObject({
      account: { uid: "ann@example.com" },
    });
  });

  test("names that are words of SQL, and names in capitals, are columns like others", async () => {
    const quote = name === "mysql" ? "`" : '"';
    const quoted = (word: string): string => `${quote}${word}${quote}`;
    const tables = await opened(
      `create table ${quoted("Order")} (${quoted("key")} ${id}, ${quoted("group")} varchar(200), ${quoted("Select")} smallint)`,
      `insert into ${quoted("Order")} (${quoted("group")}, ${quoted("Select")}) values ('ann@example.com', 0)`,
    );
    const { store, model } = await migrated(tables, {
      table: "Order",
      columns: { id: "key", email: "group" },
      fields: { chosen: { type: "boolean", column: "Select", writable: true } },
    });
    expect(await store.accounts.findByEmail(model, "ann@example.com")).toMatchObject({
      account: { id: 1, chosen: false },
    });
    await store.accounts.update(model, "1", { fields: { chosen: true } });
    expect(await store.accounts.find(model, "1")).toMatchObject({ account: { chosen: true } });
  });

  test.runIf(name === "postgres")(
    "PostgreSQL's infinity, years before Christ and not-a-number are read as nothing, and fail nothing",
    async () => {
      const tables = await opened(
        `create table people (id ${id}, mail varchar(200), created_at timestamptz, confirmed_at timestamp, born date, size numeric)`,
        "insert into people values (1, 'ann@example.com', 'infinity', '-infinity', 'infinity', 'NaN'), (2, 'bob@example.com', '0044-03-15 BC', null, '0044-03-15 BC', null)",
      );
      const { store, model, warnings } = await migrated(tables, {
        fields: { born: { type: "string" }, size: { type: "number" } },
      });
      expect(warnings.join("\n")).toMatch(/2 values of the column "born" cannot be read/);
      expect(await store.accounts.findByEmail(model, "ann@example.com")).toMatchObject({
        confirmedAt: null,
        account: { created_at: null, born: null, size: null },
      });
      expect(await store.accounts.findByEmail(model, "bob@example.com")).toMatchObject({
        account: { born: null },
      });
    },
  );

  test.runIf(name === "postgres")("PostgreSQL's domains and citext are what they stand for", async () => {
    const tables = await opened(
      "create domain short_text as varchar(40)",
      "create domain address as short_text check (value like '%@%')",
      "create extension if not exists citext schema pg_catalog",
      `create table people (id ${id}, mail citext unique, name address)`,
      "insert into people (mail, name) values ('Ann@Example.com', 'ann@home')",
    );
    const { store, model } = await migrated(tables, { fields: { name: { type: "string" } } });
    const { columns: reports } = await store.inspect();
    expect(reports.find(({ column }) => column === "name")).toMatchObject({
      finding: "fine; longer texts than 40 characters are refused",
    });
    expect(await store.accounts.findByEmail(model, "ann@example.com")).toMatchObject({
      account: { name: "ann@home" },
    });
    // The domain's own check refuses it.
    await expect(store.accounts.update(model, "1", { fields: { name: "ann" } })).rejects.toMatchObject({
      code: "invalid",
    });
  });

  // brody2consult/cordova-sqlite-storage#546, nocodb/nocodb#6683, saltcorn/saltcorn#2081
  test.runIf(name === "sqlite")(
    "SQLite keeps numbers and texts in one column of moments, and each is read as what it is",
    async () => {
      const tables = await opened(
        "create table people (id integer primary key, mail text, created_at datetime, confirmed_at timestamp)",
        "insert into people (mail, created_at, confirmed_at) values ('ann@example.com', '2020-02-03 04:04:05', 0), ('bob@example.com', 1580702645000, 1580702645), ('cat@example.com', 0, '')",
      );
      const { store, model, warnings } = await migrated(tables);
      const read = async (email: string) => {
        const record = await store.accounts.findByEmail(model, email);
        return [record?.account.created_at, record?.confirmedAt];
      };
      expect(await read("ann@example.com")).toEqual(["2020-02-03T04:04:05.000Z", null]);
      expect(await read("bob@example.com")).toEqual(["2020-02-03T04:04:05.000Z", 1_580_702_645_000]);
      expect(await read("cat@example.com")).toEqual([null, null]);
      expect(warnings).toHaveLength(2);
    },
  );

  test.runIf(name === "sqlite")(
    "a STRICT table of SQLite takes what Keyturn writes, or is refused",
    async () => {
      const tables = await opened(
        "create table people (id integer primary key, mail text, created_at integer, updated_at any, verified int, size int) strict",
        "insert into people (mail, created_at, updated_at, verified) values ('ann@example.com', 1580702645, '2020-02-03 04:04:05', 0)",
      );
      const { store, model } = await migrated(tables, {
        columns: { ...columns, confirmedAt: "verified" },
        fields: { size: { type: "integer" } },
      });
      await store.accounts.create(model, account("bob@example.com", { size: 43 }));
      expect(
        await tables.rows(
          "select verified, size, length(created_at) as digits, substr(updated_at, 11, 1) as gap from people where id = 2",
        ),
      ).toEqual([{ verified: 1, size: 43, digits: 10, gap: " " }]);
    },
  );

  test.runIf(name === "postgres")(
    "a partitioned table of PostgreSQL's cannot hold addresses to be unique: a sentence, and nothing changed",
    async () => {
      const tables = await opened(
        "create table people (id bigserial primary key, mail text) partition by range (id)",
        "create table people_1 partition of people for values from (0) to (1000000)",
      );
      await expect(migrated(tables)).rejects.toThrow(
        /refused to add a unique index on .* to "people": .*partition.*Nothing was changed. The statement is: create unique index/,
      );
      expect(
        (
          await tables.rows(
            "select count(*)::int as n from information_schema.columns where table_name = 'people' and table_schema = current_schema()",
          )
        )[0],
      ).toEqual({ n: 2 });
    },
  );

  test.runIf(name === "mysql")("UUIDs in sixteen bytes are refused in a sentence", async () => {
    const tables = await opened("create table people (id binary(16) primary key, mail varchar(200))");
    await expect(migrated(tables)).rejects.toThrow(/ids of the type binary .*numbers, UUIDs or text/);
  });

  test.runIf(name === "mysql")(
    "a first `timestamp` that MariaDB sets by itself would confirm everybody, and is refused",
    async () => {
      const tables = await opened();
      await tables.run(
        `create table people (id ${id}, mail varchar(200), confirmed_at timestamp not null default current_timestamp on update current_timestamp)`,
      );
      await expect(migrated(tables)).rejects.toThrow(/"confirmed_at" is timestamp, not null: change it/);
    },
  );
});
