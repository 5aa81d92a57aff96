import { randomUUID } from "node:crypto";
import { inspect } from "node:util";
import mysql2 from "mysql2/promise";
import pg from "pg";
import { afterEach, describe, expect, test } from "vitest";
import { presentEngines } from "../../test/fixtures/databases.js";
import { createAuth } from "../auth.js";
import { openSqlite } from "./sqlite/sqlite-driver.js";

/**
 * Findings A4 and B15: what a driver says about values reaches neither a log nor a response (security 52), and what the database
 * refuses about a value is a 422 that names the field.
 */

const checks = {
  sqlite: [
    "create table users (id integer primary key, provider text not null default 'email', uid text, email text unique, password_hash text, confirmed_at text, age integer check (age < 200), nickname text unique, created_at text, updated_at text)",
  ],
  postgres: [
    "create table users (id bigserial primary key, provider varchar(64) not null default 'email', uid varchar(255), email varchar(255) unique, password_hash varchar(255), confirmed_at timestamptz, age bigint check (age < 200), nickname varchar(255) unique, created_at timestamptz, updated_at timestamptz)",
  ],
  mysql: [
    "create table users (id bigint primary key auto_increment, provider varchar(64) not null default 'email', uid varchar(255) collate utf8mb4_bin, email varchar(255) collate utf8mb4_bin, password_hash varchar(255), confirmed_at datetime(3), age bigint, nickname varchar(255), created_at datetime(3), updated_at datetime(3), unique key users_email (email), unique key users_nickname (nickname), constraint users_age check (age < 200)) character set utf8mb4",
  ],
} as const;

async function run(name: keyof typeof checks, url: string, statements: readonly string[]): Promise<void> {
  if (name === "sqlite") {
    const database = await openSqlite(url);
    for (const statement of statements) database.exec(statement);
    database.close();
  } else if (name === "postgres") {
    const client = new pg.Client(url);
    await client.connect();
    for (const statement of statements) await client.query(statement);
    await client.end();
  } else {
    const connection = await mysql2.createConnection(url);
    for (const statement of statements) await connection.query(statement);
    await connection.end();
  }
}

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

describe.each(presentEngines)("on $name, with constraints of the app's own", ({ name, create }) => {
  async function start() {
    const own = await create();
    await run(name, own.url, checks[name]);
    const said: string[] = [];
    const note = (details: object, message: string): void =>
      void said.push(message, inspect(details, { depth: 20, showHidden: true }), JSON.stringify(details));
    const auth = createAuth({
      baseUrl: "http://localhost:3000",
      environment: "test",
      database: own.database,
      models: {
        user: {
          mountAt: "/auth",
          confirmable: false,
          fields: { age: { type: "integer", writable: true }, nickname: { type: "string", writable: true } },
        },
      },
      logger: { info: note, warn: note, error: note },
      onEvent: (event) => said.push(JSON.stringify(event)),
    });
    await auth.ready();
    closing.push(async () => {
      await auth.close();
      await own.drop();
    });
    const ask = async (route: string, body: object, headers: Record<string, string> = {}) => {
      const [method = "", path = ""] = route.split(" ");
      const init = {
        method,
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify(body),
      };
      const response = await auth.handle(new Request(`http://localhost:3000${path}`, init));
      const text = await response.text();
      said.push(text);
      return { response, text };
    };
    return { auth, own, said, ask };
  }
  const person = () => ({ email: `${randomUUID()}@example.com`, password: `canary-${randomUUID()}` });
  const credentials = (response: Response) =>
    Object.fromEntries(
      ["access-token", "client", "uid"].map((part) => [part, response.headers.get(part) ?? ""]),
    );

  test("a check constraint of the app's own: 422, and no value is in any log (security 52)", async () => {
    const { ask, said } = await start();
    const one = person();
    const refused = await ask("POST /auth", { ...one, age: 777_001 });
    expect(refused.response.status).toBe(422);
    expect(JSON.parse(refused.text).code).toBe("invalid");
    const ada = await ask("POST /auth", one);
    const held = credentials(ada.response);
    expect((await ask("PUT /auth", { age: 777_002 }, held)).response.status).toBe(422);
    const logged = said.filter((text) => !text.startsWith('{"status"'));
    for (const canary of [one.password, "777001", "777002", one.email]) {
      expect(logged.filter((text) => text.includes(canary) && !text.includes('"status":"error"'))).toEqual(
        [],
      );
    }
  });

  test("another unique column never claims that the e-mail address is taken", async () => {
    const { ask } = await start();
    const nickname = `canary-${randomUUID()}`;
    const first = await ask("POST /auth", { ...person(), nickname });
    expect(first.response.status).toBe(200);
    const second = await ask("POST /auth", { ...person(), nickname });
    expect([second.response.status, JSON.parse(second.text).codes]).toEqual([422, { nickname: ["taken"] }]);
    const other = await ask("POST /auth", person());
    const changed = await ask("PUT /auth", { nickname }, credentials(other.response));
    expect([changed.response.status, JSON.parse(changed.text).codes]).toEqual([422, { nickname: ["taken"] }]);
  });

  test("a table that is gone: 500 or 503, and the log names no value (security 52)", async () => {
    const { ask, said, own } = await start();
    const one = person();
    const held = credentials((await ask("POST /auth", one)).response);
    await run(name, own.url, ["alter table users rename to elsewhere"]);
    said.length = 0;
    const failed = [
      await ask("POST /auth", person()),
      await ask("PUT /auth", { nickname: "canary-nick" }, held),
    ];
    for (const { response } of failed) expect(response.status).toBeGreaterThanOrEqual(500);
    expect(said.length).toBeGreaterThan(2);
    for (const canary of [one.email, one.password, "canary-nick", held["access-token"] ?? "x"])
      expect(said.filter((text) => text.includes(canary))).toEqual([]);
  });
});
