import { hash as bcrypt } from "@node-rs/bcrypt";
import { createAuth } from "keyturn";
import { credentialsOf } from "keyturn/testing";
import { expect, onTestFinished, test } from "vitest";
import { engines } from "./fixtures/databases.js";
import { openTables } from "./fixtures/tables.js";

const password = "a quiet violet hour";
const types = {
  sqlite: "varchar(200) collate nocase",
  postgres: "citext",
  mysql: "varchar(200) character set utf8mb4 collate utf8mb4_general_ci",
} as const;
const present = engines.filter(({ missing }) => !missing);

test.each(present)(
  "$name: the owner of an address in capitals, in a column that ignores case, signs in and changes the account",
  async ({ name, create }) => {
    const tables = await openTables(await create());
    onTestFinished(() => tables.drop());
    const id = {
      sqlite: "integer primary key",
      postgres: "serial primary key",
      mysql: "int auto_increment primary key",
    };
    const hash = await bcrypt(password, 4);
    if (name === "postgres") await tables.run("create extension if not exists citext schema pg_catalog");
    await tables.run(
      `create table users (id ${id[name]}, email ${types[name]} unique, password_hash varchar(255), name varchar(20))`,
      `insert into users (email, password_hash) values ('Ann@Example.com', '${hash}'), ('bob@example.com', '${hash}')`,
    );
    const auth = createAuth({
      baseUrl: "http://localhost:3000",
      database: tables.database,
      models: {
        user: { mountAt: "/auth", confirmable: false, fields: { name: { type: "string", writable: true } } },
      },
    });
    onTestFinished(() => auth.close());
    const request = (method: string, path: string, body: object, headers: Record<string, string> = {}) =>
      auth.handle(
        new Request(`http://localhost:3000/auth${path}`, {
          method,
          headers: { "content-type": "application/json", ...headers },
          body: JSON.stringify(body),
        }),
      );
    const signedIn = await request("POST", "/sign_in", { email: "ann@example.com", password });
    expect(signedIn.status).toBe(200);
    let held = credentialsOf(signedIn);
    for (const [change, status] of [
      [{ name: "Ann" }, 200],
      [{ email: "ANN@example.com", name: "Ann B." }, 200],
      [{ email: "BOB@example.com" }, 422],
    ] as const) {
      const changed = await request("PUT", "", change, held);
      expect([change, changed.status]).toEqual([change, status]);
      held = credentialsOf(changed, held);
    }
    expect(await auth.accounts.findByEmail("user", "ann@example.com")).toMatchObject({
      id: 1,
      name: "Ann B.",
    });
  },
);
