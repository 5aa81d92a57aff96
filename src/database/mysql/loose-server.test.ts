import { hash as bcrypt } from "@node-rs/bcrypt";
import mysql2, { type Pool } from "mysql2";
import { describe, expect, onTestFinished, test } from "vitest";
import { type OwnDatabase, ownMysql } from "../../../test/fixtures/own-database.js";
import { modelOf } from "../../../test/fixtures/tables.js";
import type { ModelConfig } from "../../accounts/models.js";
import type { Store } from "../port.js";
import { mysql } from "./database.js";

const server = process.env["TEST_MYSQL_URL"];
const columns = { email: "mail" } as const;
const account = (email: string) => ({
  provider: "email",
  uid: email,
  email,
  passwordHash: "h",
  confirmed: true,
  fields: {},
});

/** A server that is not strict, which every connection begins with: what is too long is cut with a warning that nobody reads. */
describe.skipIf(server === undefined)("MySQL or MariaDB that is not strict", () => {
  const opened = async (...statements: readonly string[]): Promise<OwnDatabase & { admin: Pool }> => {
    const ours = await ownMysql(server ?? "");
    const admin = mysql2.createPool({ uri: ours.url, connectionLimit: 1, multipleStatements: true });
    onTestFinished(async () => {
      await new Promise((resolve) => admin.end(resolve));
      await ours.drop();
    });
    for (const statement of ["set session sql_mode = ''", ...statements])
      await admin.promise().query(statement);
    return { ...ours, admin };
  };
  const poolOf = (url: string, setting: string): Pool => {
    const pool = mysql2.createPool({ uri: url, connectionLimit: 2 });
    pool.on("connection", (connection) => void connection.query(`set ${setting}`));
    onTestFinished(() => new Promise<void>((resolve) => pool.end(() => resolve())));
    return pool;
  };
  const connect = async (database: ReturnType<typeof mysql>, config: Partial<ModelConfig> = {}) => {
    const model = modelOf({ columns, ...config });
    const store: Store = await database.connect({ models: [model] });
    onTestFinished(() => store.close());
    return { store, model };
  };

  test.each([
    ["sql_mode = ''", "is not strict"],
    ["sql_mode = 'ANSI'", "is not strict"],
    ["sql_mode = 'STRICT_ALL_TABLES,PAD_CHAR_TO_FULL_LENGTH'", "PAD_CHAR_TO_FULL_LENGTH"],
  ])(
    "a pool of the app's own whose connections say %s is refused, with what to set",
    async (setting, what) => {
      const { url } = await opened(
        "create table people (id int auto_increment primary key, mail varchar(200))",
      );
      const { store } = await connect(mysql(poolOf(url, setting)));
      await expect(store.migrate("apply")).rejects.toThrow(
        new RegExp(`${what}.*pool\\.on\\("connection".*STRICT_ALL_TABLES`),
      );
    },
  );

  test("a pool of the app's own that is strict keeps the modes that the app set", async () => {
    const { url } = await opened(
      "create table people (id int auto_increment primary key, mail varchar(200))",
    );
    const pool = poolOf(url, "sql_mode = 'STRICT_TRANS_TABLES,ANSI_QUOTES'");
    const { store, model } = await connect(mysql(pool));
    await store.migrate("apply");
    await store.accounts.create(model, account("ann@example.com"));
    const [rows] = await pool.promise().query("select @@sql_mode as mode");
    expect(rows).toEqual([{ mode: expect.stringMatching(/ANSI_QUOTES/) }]);
  });

  test("an address that is too long is refused, at registration and as a new one, and never cut to another's domain", async () => {
    const { url, admin } = await opened(
      "create table people (id int auto_increment primary key, mail varchar(40) unique)",
      "insert into people (mail) values ('ann@example.com')",
    );
    const { store, model } = await connect(mysql(url));
    await store.migrate("apply");
    const long = `somebody@${"x".repeat(20)}.example.com.evil.test`;
    const refused = { code: "invalid", problems: new Map([["email", [{ code: "too_long", count: 40 }]]]) };
    await expect(store.accounts.create(model, account(long))).rejects.toMatchObject(refused);
    await expect(store.accounts.update(model, "1", { email: long })).rejects.toMatchObject(refused);
    // Nor does a mail go out to it.
    const ticket = {
      hash: "h",
      kind: "email_change",
      accountId: "1",
      email: long,
      lifespan: 60_000,
    } as const;
    await expect(store.tickets.issue(model, ticket)).rejects.toMatchObject(refused);
    const [rows] = await admin.promise().query("select mail from people");
    expect(rows).toEqual([{ mail: "ann@example.com" }]);
  });

  test("0000-00-00 is no moment: nobody has confirmed in it, and it does not fail", async () => {
    const { url, admin } = await opened(
      `create table people (id int auto_increment primary key, mail varchar(200) unique, password_hash varchar(255),
        confirmed_at datetime null, created_at timestamp null, born date null)`,
      `insert into people (mail, password_hash, confirmed_at, created_at, born) values
        ('ann@example.com', '${await bcrypt("x", 4)}', '0000-00-00', '0000-00-00', '0000-00-00'),
        ('bob@example.com', 'h', '2020-00-00', null, '2020-03-08')`,
    );
    const { store, model } = await connect(mysql(url), { fields: { born: { type: "string" } } });
    const warnings = await store.migrate("apply");
    expect(warnings.join("\n")).toMatch(/2 values of the column "confirmed_at" cannot be read/);
    expect(warnings.join("\n")).toMatch(/1 value of the column "born" cannot be read/);
    const ann = await store.accounts.findByEmail(model, "ann@example.com");
    expect(ann).toMatchObject({ confirmedAt: null, account: { created_at: null, born: null } });
    expect(await store.accounts.findByEmail(model, "bob@example.com")).toMatchObject({
      confirmedAt: null,
      account: { born: "2020-03-08" },
    });
    await store.tickets.issue(model, {
      hash: "h",
      kind: "confirmation",
      accountId: "1",
      email: null,
      lifespan: 60_000,
    });
    expect((await store.tickets.confirm(model, "h"))?.record.confirmedAt).toEqual(expect.any(Number));
    const [rows] = await admin
      .promise()
      .query("select confirmed_at > '2020-01-01' as confirmed from people where id = 1");
    expect(rows).toEqual([{ confirmed: 1 }]);
  });

  test.each(["+00:00", "-05:00", "+05:30"])(
    "a `timestamp` is the same moment on an app's own pool whose connections speak %s",
    async (zone) => {
      const { url } = await opened(
        "set time_zone = '+00:00'",
        "create table people (id int auto_increment primary key, mail varchar(200) unique, confirmed_at timestamp(3) null, created_at timestamp(3) null)",
        "insert into people (mail, confirmed_at, created_at) values ('ann@example.com', '2020-03-08 07:30:00', '2020-03-08 07:30:00.123')",
      );
      const { store, model } = await connect(
        mysql(poolOf(url, `sql_mode = 'STRICT_ALL_TABLES', time_zone = '${zone}'`)),
      );
      await store.migrate("apply");
      expect(await store.accounts.findByEmail(model, "ann@example.com")).toMatchObject({
        confirmedAt: Date.UTC(2020, 2, 8, 7, 30),
        account: { created_at: "2020-03-08T07:30:00.123Z" },
      });
      const before = Date.now();
      const made = await store.accounts.create(model, account("cat@example.com"));
      expect(made).toMatchObject({ confirmedAt: expect.any(Number) });
      if (made !== "taken") expect(Math.abs((made.confirmedAt ?? 0) - before)).toBeLessThan(60_000);
    },
  );

  test("a `timestamp` that every change of the row sets would confirm the account, and is refused", async () => {
    const { url } = await opened(
      "create table people (id int auto_increment primary key, mail varchar(200) unique, confirmed_at timestamp null on update current_timestamp)",
    );
    const { store } = await connect(mysql(url));
    await expect(store.migrate("apply")).rejects.toThrow(/"confirmed_at" .*without "on update"/);
  });
});
