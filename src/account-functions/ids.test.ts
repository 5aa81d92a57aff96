import { afterEach, describe, expect, test } from "vitest";
import { presentEngines } from "../../test/fixtures/databases.js";
import { openTables } from "../../test/fixtures/tables.js";
import type { ModelConfig } from "../accounts/models.js";
import { createAuth } from "../auth.js";
import { AuthError } from "../errors.js";

/** Finding A1: every function takes every kind of id that the documentation promises. */

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const email = "ada@example.com";
const textIds = "create table people (id varchar(40) primary key, mail varchar(200) unique)";
const bigIds = "create table people (id bigint primary key, mail varchar(200) unique)";
const kinds: readonly [kind: string, model: Partial<ModelConfig>, table: string, id: string][] = [
  ["a number", { idType: "integer" }, "", ""],
  ["a UUID", { idType: "uuid" }, "", ""],
  ["a text", {}, textIds, "ckx-01J_ada.1"],
  ["a text of digits", {}, textIds, "0042"],
  ["a number of 19 digits", {}, bigIds, "9007199254740993001"],
  ["a negative number", {}, bigIds, "-9007199254740993001"],
];

describe.each(presentEngines)("on $name", ({ create }) => {
  async function start(model: Partial<ModelConfig>, table: string, id: string) {
    const tables = await openTables(await create());
    if (table !== "") await tables.run(table, `insert into people (id, mail) values ('${id}', '${email}')`);
    const columns = table === "" ? {} : { columns: { email: "mail" } };
    const config = { mountAt: "/auth", table: "people", confirmable: false, ...columns, ...model };
    const closed = table === "" ? {} : { registration: false };
    const auth = createAuth({
      baseUrl: "http://localhost:3000",
      environment: "test",
      database: tables.database,
      models: { person: { ...config, ...closed } },
    });
    closing.push(async () => {
      await auth.close();
      await tables.drop();
    });
    if (table === "") {
      const body = JSON.stringify({ email, password: "violet kettle 47 marsh" });
      const headers = { "content-type": "application/json" };
      await auth.handle(new Request("http://localhost:3000/auth", { method: "POST", headers, body }));
      await auth.accounts.endAllSessions("person");
    }
    return auth;
  }

  test.each(kinds)(
    "with %s for an id, accounts are found and sessions opened, listed and ended (security 49)",
    async (_kind, model, table, given) => {
      const auth = await start(model, table, given);
      const account = await auth.accounts.findByEmail("person", email);
      if (!account) throw new Error("There is no such account");
      if (given !== "") expect(String(account.id)).toBe(given);
      const listed = await auth.accounts.list("person", { search: "ADA@" });
      expect(listed.accounts.map((one) => one.account)).toEqual([account]);
      const spellings = [account, account.id, String(account.id), { id: account.id }];
      const isNumber = table !== textIds && /^-?\d+$/.test(String(account.id));
      for (const ref of isNumber ? [...spellings, BigInt(account.id)] : spellings) {
        const id = typeof ref === "object" ? ref.id : ref;
        expect(await auth.accounts.find("person", id)).toEqual(account);
        expect(await auth.accounts.state("person", ref)).toMatchObject({ disabledAt: null });
        expect(await auth.accounts.list("person", { after: ref })).toMatchObject({ accounts: [], total: 1 });
        const held = await auth.createNewAuthToken("person", ref);
        const { client = "", "access-token": token = "" } = held;
        expect(await auth.validToken("person", ref, token, client)).toBe(true);
        expect(await auth.buildAuthHeaders("person", ref, token, client)).toEqual(held);
        expect((await auth.accounts.listSessions("person", ref)).map((session) => session.client)).toEqual([
          client,
        ]);
        expect(await auth.accounts.endSessions("person", ref, { client })).toBe(1);
        await auth.createNewAuthToken("person", ref);
        expect(await auth.accounts.endSessions("person", ref)).toBe(1);
        expect(await auth.accounts.listSessions("person", ref)).toEqual([]);
      }
      await auth.accounts.delete("person", account);
      expect(await auth.accounts.find("person", account.id)).toBeUndefined();
      await expect(auth.accounts.delete("person", account.id)).rejects.toThrow(AuthError);
    },
  );

  test.each(kinds)(
    "with %s for an id, one of another kind finds nobody (security 49)",
    async (_kind, model, table, given) => {
      const auth = await start(model, table, given);
      for (const id of [
        "7f8d4a",
        "-",
        "",
        " 1",
        "1e3",
        "0x1",
        "99999999999999999999",
        "c0ffee00-0000-4000-8000-000000000000",
        "1'",
      ]) {
        expect([id, await auth.accounts.find("person", id)]).toEqual([id, undefined]);
        expect(await auth.accounts.endSessions("person", id)).toBe(0);
        expect(await auth.validToken("person", id, "token", "client")).toBe(false);
        await expect(auth.createNewAuthToken("person", id)).rejects.toThrow(TypeError);
      }
    },
  );
});
