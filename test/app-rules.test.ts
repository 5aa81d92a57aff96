import { createAuth } from "keyturn";
import { credentialsOf } from "keyturn/testing";
import { describe, expect, onTestFinished, test } from "vitest";
import { presentEngines } from "./fixtures/databases.js";
import { type AnswerBody, bodyOf, silent } from "./fixtures/http.js";
import { openTables } from "./fixtures/tables.js";

/**
 * An app has rules of its own in its tables: references to other tables, and triggers. Others answered them with a 500:
 * open-horizon/exchange-api#257, nearform/udaru#215, supabase/supabase#2761, supabase/auth#271, alkem-io/server#1560,
 * WorldBank-Transport/DRIVER#349.
 */

const password = "a quiet violet hour";
const noRoot = {
  sqlite: [
    "create trigger no_root before insert on users when new.name = 'root' begin select raise(abort, 'no'); end",
  ],
  postgres: [
    "create function no_root() returns trigger language plpgsql as $$ begin if new.name = 'root' then raise exception 'no % here', new.email; end if; return new; end $$",
    "create trigger no_root before insert on users for each row execute function no_root()",
  ],
  mysql: [
    "create trigger no_root before insert on users for each row if new.name = 'root' then signal sqlstate '45000' set message_text = 'no'; end if",
  ],
};

describe.each(presentEngines)("$name", ({ name, create }) => {
  const id = {
    sqlite: "integer primary key",
    postgres: "serial primary key",
    mysql: "int auto_increment primary key",
  }[name];

  const start = async () => {
    const tables = await openTables(await create());
    onTestFinished(() => tables.drop());
    await tables.run(
      `create table firms (id ${id})`,
      "insert into firms (id) values (7)",
      `create table users (id ${id}, email varchar(200) unique, name varchar(20), firm_id int,
        constraint users_firm_fk foreign key (firm_id) references firms (id))`,
      `create table orders (id ${id}, user_id int not null,
        constraint orders_user_fk foreign key (user_id) references users (id))`,
    );
    const auth = createAuth({
      baseUrl: "http://localhost:3000",
      environment: "test",
      database: tables.database,
      logger: silent,
      models: {
        user: {
          mountAt: "/auth",
          confirmable: false,
          fields: {
            name: { type: "string", writable: true },
            firm: { type: "integer", column: "firm_id", writable: true },
          },
        },
      },
    });
    onTestFinished(() => auth.close());
    await auth.ready();
    const request = async (method: string, path: string, body?: object, held: object = {}) => {
      const response = await auth.handle(
        new Request(`http://localhost:3000/auth${path}`, {
          method,
          headers: { "content-type": "application/json", ...held },
          ...(body && { body: JSON.stringify(body) }),
        }),
      );
      return { status: response.status, held: credentialsOf(response), body: await bodyOf(response) };
    };
    return { tables, auth, request };
  };
  // SQLite does not tell which reference it is.
  const firm: AnswerBody["codes"] = name === "sqlite" ? { base: ["invalid_values"] } : { firm: ["invalid"] };

  test("a sign-up or a change that names a row that is not there is a 422 at its field", async () => {
    const { request } = await start();
    const ann = { email: "ann@example.com", password };
    expect(await request("POST", "", { ...ann, firm: 999 })).toMatchObject({
      status: 422,
      body: { code: "invalid", codes: firm },
    });
    const { status, held } = await request("POST", "", { ...ann, firm: 7 });
    expect(status).toBe(200);
    expect(await request("PUT", "", { firm: 999 }, held)).toMatchObject({
      status: 422,
      body: { codes: firm },
    });
  });

  test("what a trigger refuses is a 422, and its words stay with the database", async () => {
    const { request, tables } = await start();
    await tables.run(...noRoot[name]);
    const refused = await request("POST", "", { email: "ann@example.com", password, name: "root" });
    expect(refused).toMatchObject({ status: 422, body: { codes: { base: ["invalid_values"] } } });
    expect(JSON.stringify(refused.body.errors)).not.toMatch(/ here/);
    expect((await request("POST", "", { email: "ann@example.com", password, name: "ann" })).status).toBe(200);
  });

  test("an account that other rows refer to stays whole: a 409, and its session goes on", async () => {
    const { request, tables, auth } = await start();
    const { held } = await request("POST", "", { email: "ann@example.com", password });
    await tables.run("insert into orders (user_id) select id from users");
    const refused = await request("DELETE", "", undefined, held);
    expect(refused).toMatchObject({ status: 409, body: { success: false, code: "account_in_use" } });
    expect((await request("GET", "/validate_token", undefined, held)).status).toBe(200);
    await expect(auth.accounts.delete("user", 1)).rejects.toMatchObject({ code: "account_in_use" });
    await tables.run("delete from orders");
    expect((await request("DELETE", "", undefined, held)).status).toBe(200);
  });
});
