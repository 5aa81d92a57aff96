import { describe, expect, onTestFinished, test } from "vitest";
import { presentEngines } from "../../../test/fixtures/databases.js";
import { modelOf, openTables, type TableFixture } from "../../../test/fixtures/tables.js";
import { type FieldKey, fieldKeysOf } from "../../accounts/authentication-keys.js";
import type { ModelConfig } from "../../accounts/models.js";
import type { AuthError } from "../../errors.js";
import { createSqlStore } from "../sql-store.js";

const withKeys: Partial<ModelConfig> = {
  fields: { username: { type: "string" }, phone: { type: "string" } },
  authenticationKeys: ["email", "username", { field: "phone", as: "phone", country: "DE" }],
};
let people = 0;
const person = (fields: Readonly<Record<string, unknown>>) => {
  const email = `person${++people}@example.com`;
  return { provider: "email", uid: email, email, passwordHash: "h", confirmed: true, fields };
};

describe.each(presentEngines)("$name", ({ name, create }) => {
  const opened = async (): Promise<TableFixture> => {
    const tables = await openTables(await create());
    onTestFinished(() => tables.drop());
    return tables;
  };
  const open = (tables: TableFixture, config: Partial<ModelConfig> = withKeys) => {
    const model = modelOf(config);
    const [username, phone] = fieldKeysOf(model) as [FieldKey, FieldKey];
    const store = createSqlStore(tables.executor, [model]);
    const find = async (key: FieldKey, value: string) =>
      (await store.accounts.findByKey(model, key, value))?.account.id;
    return { model, username, phone, store, find };
  };
  const id = {
    sqlite: "integer primary key",
    postgres: "serial primary key",
    mysql: "int auto_increment primary key",
  }[name];
  const old = (...more: readonly string[]) =>
    `create table people (${[`id ${id}`, "email varchar(200)", "username varchar(100)", ...more].join(", ")})`;
  const row = (number: number, username: string | null, more = "") =>
    `insert into people (id, email, username${more && ", handle"}) values (${number}, 'p${number}@example.com', ${username === null ? "null" : `'${username}'`}${more && `, '${more}'`})`;

  test("rows of an existing table are filled, and found as their owners spell their names", async () => {
    const tables = await opened();
    const names = ["JohnDoe", "İpek", "Groß", null, " ", "a@b", "4711"];
    await tables.run(old(), ...names.map((one, i) => row(i + 1, one)));
    const { store, username, phone, find, model } = open(tables);
    const lacks = (await store.pending()).map(({ what }) => what);
    expect(lacks).toEqual(
      expect.arrayContaining([
        "the column username_key",
        "a unique index on username_key",
        "the column phone",
      ]),
    );
    expect(await store.migrate("apply")).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/the username of 2 rows cannot name an account, because it has no letter/),
      ]),
    );
    expect(await Promise.all(["johndoe", "ipek", "gross"].map((key) => find(username, key)))).toEqual([
      1, 2, 3,
    ]);
    expect(await Promise.all(["a@b", "4711", "JohnDoe", ""].map((key) => find(username, key)))).toEqual(
      Array(4).fill(undefined),
    );
    await store.accounts.update(model, "4", { fields: { username: "Ｊo", phone: "030 123456" } });
    expect([await find(username, "jo"), await find(phone, "+4930123456")]).toEqual([4, 4]);
    const [shown] = await tables.rows("select username, phone, username_key from people where id = 4");
    expect(shown).toMatchObject({ username: "Ｊo", phone: "+4930123456", username_key: "jo" });
    expect(await store.pending()).toEqual([]);
  });

  test("two rows with one name are refused before anything is changed, with their number and ids", async () => {
    const tables = await opened();
    const many = Array.from({ length: 12 }, (_, i) => row(20 + i, "ANN"));
    await tables.run(old(), row(1, "Ann"), row(2, "ａｎｎ"), row(3, "Bo"), ...many);
    const { store } = open(tables);
    await expect(store.migrate("apply")).rejects.toThrow(
      /"people", 13 rows have a username that another row has too.*Nothing was changed.*"id": 2, 20, 21, .*28 …$/,
    );
    const before = (await store.pending()).map(({ what }) => what);
    expect(before).toContain("the column username_key");
    await tables.run("delete from people where id > 1 and username <> 'Bo'");
    await store.migrate("apply");
  });

  test("what code of the app's own has written is found after the next start, and never under a name that it had before", async () => {
    const tables = await opened();
    await tables.run(old(), row(1, "Ann"));
    const { store, username, find } = open(tables);
    await store.migrate("apply");
    await tables.run("update people set username = 'Bea' where id = 1");
    expect([await find(username, "ann"), await find(username, "bea")]).toEqual([undefined, undefined]);
    await tables.run("update people set username_key = null where id = 1", row(2, "BEA"), row(3, "Cleo"));
    expect(await store.migrate("check")).toEqual(
      expect.arrayContaining([expect.stringMatching(/the username of 3 rows has no "username_key" yet/)]),
    );
    expect(await find(username, "cleo")).toBeUndefined();
    expect(await store.migrate("apply")).toEqual(
      expect.arrayContaining([expect.stringMatching(/the username of 1 row is another row's too/)]),
    );
    const found = [await find(username, "bea"), await find(username, "cleo")];
    expect([[1, 2].includes(Number(found[0])), found[1]]).toEqual([true, 3]);
  });

  test("a column that is there is used, and filled cells stay", async () => {
    const tables = await opened();
    await tables.run(old("handle varchar(100) unique"), row(1, "Ann", "ann"), row(2, "Bo", "other"));
    const { store, username, find } = open(tables, {
      fields: { username: { type: "string" } },
      authenticationKeys: ["email", { field: "username", column: "handle" }],
    });
    expect((await store.pending()).map(({ what }) => what).join()).not.toContain("handle");
    await store.migrate("apply");
    expect([await find(username, "ann"), await find(username, "bo")]).toEqual([1, undefined]);
    const [second] = await tables.rows("select handle from people where id = 2");
    expect(second?.["handle"]).toBe("other");
  });

  test("several hundred rows are filled in one start", async () => {
    const tables = await opened();
    const values = Array.from({ length: 1203 }, (_, i) => `(${i + 1}, 'p${i}@example.com', 'Name${i}')`);
    await tables.run(old(), `insert into people (id, email, username) values ${values.join(", ")}`);
    const { store, username, find } = open(tables);
    await store.migrate("apply");
    const [{ many } = { many: 0 }] = await tables.rows(
      "select count(*) as many from people where username_key is null",
    );
    expect([Number(many), await find(username, "name1202")]).toEqual([0, 1203]);
  });

  test("of many accounts that are made with one name at one moment, over several connections, one is (shape 29)", async () => {
    const tables = await opened();
    const { store, model, username, find } = open(tables);
    await store.migrate("apply");
    const others = await Promise.all(
      Array.from({ length: 3 }, async () => {
        const other = createSqlStore(await tables.newEngine(), [model]);
        await other.migrate("apply");
        return other;
      }),
    );
    const spellings = ["Ada", "ADA", "ａｄａ", "aDa"];
    const made = await Promise.allSettled(
      [store, ...others].flatMap(({ accounts }) =>
        spellings.map((one) => accounts.create(model, person({ username: one }))),
      ),
    );
    const refused = made.flatMap((one) => (one.status === "rejected" ? [one.reason as AuthError] : []));
    expect(refused).toHaveLength(15);
    for (const { code, problems } of refused)
      expect([code, [...problems]]).toEqual(["invalid", [["username", [{ code: "taken" }]]]]);
    expect(await find(username, "ada")).toBeDefined();
    const two = await Promise.all(
      ["Eve", "Zoe"].map((one) => store.accounts.create(model, person({ username: one }))),
    );
    const renamed = await Promise.allSettled(
      two.map((one) =>
        one === "taken"
          ? undefined
          : store.accounts.update(model, String(one.account.id), { fields: { username: "Max" } }),
      ),
    );
    expect(renamed.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  });

  test("two names that a collation of the app's holds for equal are two, and a value that can name nobody is a 422", async () => {
    const tables = await opened();
    const { store, model, username, find } = open(tables);
    await store.migrate("apply");
    for (const one of ["jose", "josé"])
      expect(await store.accounts.create(model, person({ username: one }))).not.toBe("taken");
    expect(await find(username, "jose")).not.toBe(await find(username, "josé"));
    // As a hook may return it.
    await expect(store.accounts.create(model, person({ username: "a@b" }))).rejects.toMatchObject({
      code: "invalid",
    });
    for (let i = 0; i < 3; i++) await store.accounts.create(model, person({ username: i ? null : "" }));
  });
});
