import mysql2 from "mysql2/promise";
import pg from "pg";
import { afterEach, describe, expect, test } from "vitest";
import { presentEngines } from "../../../test/fixtures/databases.js";
import { bodyOf } from "../../../test/fixtures/http.js";
import { openSqlite } from "../../database/sqlite/sqlite-driver.js";
import { testAuth } from "../../testing/testing.js";

const person = { email: "ada@example.com", password: "a quiet violet hour" };
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** Reads the first row of a table, whatever the database. */
async function firstRow(name: string, url: string, table: string): Promise<Record<string, unknown>> {
  const query = `select * from ${table}`;
  if (name === "sqlite") {
    const database = await openSqlite(url);
    const [row] = database.forKysely.prepare(query).all([]);
    database.close();
    return Object(row);
  }
  if (name === "postgres") {
    const client = new pg.Client(url);
    await client.connect();
    const { rows } = await client.query(query);
    await client.end();
    return rows[0];
  }
  const connection = await mysql2.createConnection({ uri: url, timezone: "Z" });
  const [rows] = await connection.query(query);
  await connection.end();
  return Array.isArray(rows) ? Object(rows[0]) : {};
}

describe.each(presentEngines)("on $name", ({ name, create }) => {
  async function start() {
    const own = await create();
    const t = await testAuth({
      database: own.database,
      trustedProxies: ["127.0.0.1"],
      models: {
        user: { mountAt: "/auth", confirmable: false, trackable: true },
        admin: { mountAt: "/admin_auth", confirmable: false },
      },
    });
    closing.push(async () => {
      await t.auth.close();
      await own.drop();
    });
    const ask = (path: string, from: string, password = person.password) =>
      t.auth.handle(
        new Request(`http://localhost:3000${path}`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ ...person, password }),
        }),
        { peer: from },
      );
    return { ...t, own, ask };
  }
  const moment = (value: unknown): number =>
    (value instanceof Date ? value : new Date(String(value))).getTime();

  test("counts sign-ins, and keeps when and from where the last two came", async () => {
    const { ask, clock, own } = await start();
    const registered = clock.now;
    await ask("/auth", "192.0.2.1");
    clock.forward("1h");
    expect((await ask("/auth/sign_in", "192.0.2.2")).status).toBe(200);
    const row = await firstRow(name, own.url, "users");
    expect(Number(row["sign_in_count"])).toBe(2);
    expect([row["last_sign_in_ip"], row["current_sign_in_ip"]]).toEqual(["192.0.2.1", "192.0.2.2"]);
    expect([moment(row["last_sign_in_at"]), moment(row["current_sign_in_at"])]).toEqual([
      registered,
      clock.now,
    ]);
  });

  test("does not count a sign-in that is refused, and shows nothing of it", async () => {
    const { ask, own } = await start();
    const shown = await bodyOf(await ask("/auth", "192.0.2.1"));
    expect((await ask("/auth/sign_in", "192.0.2.9", "wrong violet hour")).status).toBe(401);
    const row = await firstRow(name, own.url, "users");
    expect([Number(row["sign_in_count"]), row["current_sign_in_ip"]]).toEqual([1, "192.0.2.1"]);
    expect(Object.keys(shown.data).filter((key) => key.includes("sign_in"))).toEqual([]);
  });

  test("a model that does not ask for it has no such columns", async () => {
    const { ask, own } = await start();
    await ask("/admin_auth", "192.0.2.1");
    const row = await firstRow(name, own.url, "admins");
    expect(Object.keys(row).filter((column) => column.includes("sign_in"))).toEqual([]);
  });
});
