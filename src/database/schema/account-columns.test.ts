import { hash as bcrypt } from "@node-rs/bcrypt";
import { describe, expect, onTestFinished, test } from "vitest";
import { presentEngines } from "../../../test/fixtures/databases.js";
import { modelOf, openTables, type TableFixture } from "../../../test/fixtures/tables.js";
import type { ModelConfig } from "../../accounts/models.js";
import { createSqlStore } from "../sql-store.js";

const columns = { email: "mail" } as const;
const longHash = `$argon2id$v=19$m=19456,t=2,p=1$${"a".repeat(22)}$${"b".repeat(43)}`;

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
  const storeOf = (tables: TableFixture, config: Partial<ModelConfig> = {}) => {
    const model = modelOf({ columns, ...config });
    return { model, store: createSqlStore(tables.executor, [model]) };
  };
  const newAccount = (email: string) => ({
    provider: "email",
    uid: email,
    email,
    passwordHash: longHash,
    confirmed: false,
    fields: {},
  });

  // SQLite keeps what is written, whatever its type says.
  test.skipIf(name === "sqlite").each(["varchar(60)", "char(60)", "varchar(96)"])(
    "a hash column of the type %s is refused, because a new hash has 97 characters (security 56)",
    async (type) => {
      const tables = await opened(
        `create table people (id ${id}, mail varchar(200) unique, password_hash ${type})`,
        `insert into people (mail, password_hash) values ('ann@example.com', '${await bcrypt("a quiet violet hour", 4)}')`,
      );
      const before = await tables.rows("select * from people");
      await expect(storeOf(tables).store.migrate("apply")).rejects.toThrow(
        /"password_hash" is .*\(\d+\): change to varchar\(255\)/,
      );
      expect(await tables.rows("select * from people")).toEqual(before);
    },
  );

  test("a hash column of 97 characters will do", async () => {
    const tables = await opened(
      `create table people (id ${id}, mail varchar(200) unique, password_hash varchar(97))`,
    );
    const { store, model } = storeOf(tables);
    await store.migrate("apply");
    expect(await store.accounts.create(model, newAccount("ann@example.com"))).toMatchObject({
      passwordHash: longHash,
    });
  });

  test.skipIf(name !== "postgres").each(["char(128)", "character(97)", "bpchar(255)"])(
    "PostgreSQL would fill a hash of the type %s with blanks: it is refused",
    async (type) => {
      const tables = await opened(`create table people (id ${id}, mail text unique, password_hash ${type})`);
      await expect(storeOf(tables).store.migrate("apply")).rejects.toThrow(/change to varchar\(255\)/);
    },
  );

  test.each(["boolean", "smallint", "char(1)", "varchar(5)"])(
    "who has not confirmed in a column of the type %s does not count as confirmed, and can confirm",
    async (type) => {
      const [yes, no] = { boolean: ["true", "false"], smallint: ["1", "0"] }[type] ?? ["'Y'", "'N'"];
      const tables = await opened(
        `create table people (id ${id}, mail varchar(200) unique, verified ${type} not null)`,
        `insert into people (mail, verified) values ('ann@example.com', ${yes}), ('bob@example.com', ${no})`,
      );
      const { store, model } = storeOf(tables, { columns: { ...columns, confirmedAt: "verified" } });
      await store.migrate("apply");
      const confirmedAt = async (email: string) =>
        (await store.accounts.findByEmail(model, email))?.confirmedAt ?? null;
      expect(await confirmedAt("ann@example.com")).toEqual(expect.any(Number));
      expect(await confirmedAt("bob@example.com")).toBeNull();
      await store.accounts.create(model, newAccount("cat@example.com"));
      expect(await confirmedAt("cat@example.com")).toBeNull();
      for (const accountId of ["2", "3"]) {
        const ticket = { kind: "confirmation", accountId, email: null, lifespan: 60_000 } as const;
        await store.tickets.issue(model, { ...ticket, hash: `h${accountId}` });
        expect((await store.tickets.confirm(model, `h${accountId}`))?.record.confirmedAt).toEqual(
          expect.any(Number),
        );
      }
      const stored = await tables.rows("select distinct verified from people");
      expect(stored).toHaveLength(1);
      // Who has confirmed is not deleted as somebody who has not.
      expect(await store.accounts.deleteUnconfirmed(model, "2")).toBe(false);
    },
  );

  test.each([
    ["integer", "1580702645", 1580702645000],
    ["bigint", "1580702645000", 1580702645000],
    ["varchar(40)", "'2020-02-03T04:04:05Z'", 1580702645000],
    ["varchar(40)", "'2020-02-03 04:04:05'", 1580702645000],
    ["varchar(40)", "'2020-02-02 23:04:05-05'", 1580702645000],
    ["date", "'2020-02-03'", 1580688000000],
  ])("a moment in a column of the type %s (%s) is read as what it is", async (type, literal, ms) => {
    const tables = await opened(
      `create table people (id ${id}, mail varchar(200) unique, proven ${type}, made ${type})`,
      `insert into people (mail, proven, made) values ('ann@example.com', ${literal}, ${literal}), ('bob@example.com', null, null)`,
    );
    const { store, model } = storeOf(tables, {
      columns: { ...columns, confirmedAt: "proven", createdAt: "made" },
    });
    await store.migrate("apply");
    const ann = await store.accounts.findByEmail(model, "ann@example.com");
    expect([ann?.confirmedAt, ann?.account.created_at]).toEqual([ms, new Date(ms).toISOString()]);
    const bob = await store.accounts.findByEmail(model, "bob@example.com");
    expect([bob?.confirmedAt, bob?.account.created_at]).toEqual([null, null]);
    const ticket = {
      hash: "h",
      kind: "confirmation",
      accountId: "2",
      email: null,
      lifespan: 60_000,
    } as const;
    await store.tickets.issue(model, ticket);
    expect((await store.tickets.confirm(model, "h"))?.record.confirmedAt).toBeGreaterThan(ms);
    expect(await store.accounts.deleteUnconfirmed(model, "2")).toBe(false);
    // What is written is read as the same moment.
    const begin = Date.now();
    await store.accounts.create(model, { ...newAccount("cat@example.com"), confirmed: true });
    const cat = await store.accounts.findByEmail(model, "cat@example.com");
    const day = 86_400_000;
    expect(Math.abs((cat?.confirmedAt ?? 0) - begin)).toBeLessThan(type === "date" ? day : 60_000);
  });

  test("a moment that cannot be null is refused where accounts have to confirm (security 56)", async () => {
    const moment = { sqlite: "datetime", postgres: "timestamptz", mysql: "datetime" }[name];
    const tables = await opened(
      `create table people (id ${id}, mail varchar(200) unique, confirmed_at ${moment} not null)`,
    );
    await expect(storeOf(tables).store.migrate("apply")).rejects.toThrow(/"confirmed_at" .* can be null/);
    await storeOf(tables, { confirmable: false }).store.migrate("apply");
  });

  test("a column that the database computes is refused (security 56)", async () => {
    const type = "varchar(255) generated always as (mail) stored";
    const tables = await opened(`create table people (id ${id}, mail varchar(255) unique, uid ${type})`);
    await expect(storeOf(tables).store.migrate("apply")).rejects.toThrow(
      /"uid" is .*the database computes this one/,
    );
  });

  test("a uid that means something else is refused, with the way out (security 56)", async () => {
    const type = name === "postgres" ? "uuid" : "bigint";
    const tables = await opened(`create table people (id ${id}, mail varchar(255) unique, uid ${type})`);
    await expect(storeOf(tables).store.migrate("apply")).rejects.toThrow(
      /"uid" is .*change to .*, or name another column in columns\.uid, which may be new/,
    );
    await storeOf(tables, { columns: { ...columns, uid: "known_as" } }).store.migrate("apply");
  });

  test("an id that nothing gives a new account is refused while people can register", async () => {
    // In SQLite, only `integer primary key` numbers its rows: `int primary key` would leave them null.
    const tables = await opened("create table people (id int primary key, mail varchar(255) unique)");
    await expect(storeOf(tables).store.migrate("apply")).rejects.toThrow(
      /"id" is int.*change it to number its rows/,
    );
    await storeOf(tables, { registration: false }).store.migrate("apply");
  });

  test.skipIf(name === "sqlite")(
    "an id of texts without room for a UUID is refused while people can register",
    async () => {
      const tables = await opened(
        "create table people (id varchar(24) primary key, mail varchar(255) unique)",
      );
      await expect(storeOf(tables).store.migrate("apply")).rejects.toThrow(
        /"id" is .*room for 36 characters/,
      );
      await storeOf(tables, { registration: false }).store.migrate("apply");
    },
  );

  test("addresses in capitals, and those that differ in nothing else, are counted and not repeated", async () => {
    const collation = { sqlite: "", postgres: "", mysql: "character set utf8mb4 collate utf8mb4_bin" }[name];
    const tables = await opened(
      `create table people (id ${id}, mail varchar(200) ${collation} unique)`,
      "insert into people (mail) values ('Ann@Example.com'), ('ann@example.com'), (' bob@example.com'), ('cat@example.com')",
    );
    const { store } = storeOf(tables);
    const warnings = await store.migrate("apply");
    expect(warnings).toEqual([
      expect.stringMatching(
        /^The table "people": 2 values of the column "mail" have capitals or blanks around/,
      ),
      expect.stringMatching(/1 value of the column "mail" differs from another one only in capitals/),
      // The migration has made it of the address.
      expect.stringMatching(/1 value of the column "uid" has blanks around or line breaks/),
    ]);
    expect((await store.inspect()).warnings).toEqual(warnings);
    expect(warnings.join()).not.toMatch(/example/i);
  });

  test("trackable asks for its columns: a model without it has none, and one with it gets them", async () => {
    const tables = await opened(`create table people (id ${id}, mail varchar(200) unique)`);
    const tracked = { trackable: true, columns: { ...columns, lastSignInIp: "last_from" } } as const;
    const lacks = async (config: Partial<ModelConfig>) =>
      (await storeOf(tables, config).store.pending()).map(({ what }) => what).join();
    expect(await lacks({})).not.toMatch(/sign_in|last_from/);
    expect(await lacks(tracked)).toMatch(
      /sign_in_count.*current_sign_in_at.*last_sign_in_at.*current_sign_in_ip.*last_from/,
    );
    const { store, model } = storeOf(tables, tracked);
    await store.migrate("apply");
    await store.migrate("check");
    expect(await tables.rows("select sign_in_count, last_from from people")).toEqual([]);
    // They stay on the server.
    const made = await store.accounts.create(model, newAccount("ann@example.com"));
    expect(Object.keys(made === "taken" ? {} : made.account)).toEqual([
      "id",
      "provider",
      "uid",
      "email",
      "created_at",
      "updated_at",
    ]);
  });
});
