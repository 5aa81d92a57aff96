import { Kysely, MysqlDialect, sql } from "kysely";
import mysql2, { type Pool } from "mysql2";
import { describe, expect, onTestFinished, test } from "vitest";
import { ownMysql } from "../../../test/fixtures/own-database.js";
import { modelOf } from "../../../test/fixtures/tables.js";
import type { Engine } from "../driver.js";
import { mysqlEngine } from "./mysql.js";
import type { Schema } from "../schema/schema.js";
import { createSqlStore } from "../sql-store.js";

const server = process.env["TEST_MYSQL_URL"];

// What one version, mode or zone of a server does and another does not, shown on whichever server there is.
describe.skipIf(server === undefined)("MySQL or MariaDB of any version", () => {
  test("a migration calls no function that MySQL 9.6 took out, and gives every new column a default", async () => {
    const { pool, engine } = await opened();
    const said: string[] = [];
    const kysely = new Kysely<Schema>({
      dialect: new MysqlDialect({ pool }),
      log: ({ query }) => void said.push(query.sql),
    });
    await sql`create table people (id int auto_increment primary key)`.execute(kysely);
    await createSqlStore({ ...engine, kysely }, [modelOf()]).migrate("apply");
    const all = said.join("\n");
    expect(all).toContain("get_lock(");
    expect(all).not.toMatch(/\b(md5|sha1?)\(/);
    // MySQL would refuse the app's next row, which does not name the column; MariaDB would not.
    expect(all).not.toContain("drop default");
    await sql`insert into people (uid) values ('ann')`.execute(kysely);
  });

  test("moments in columns of the type timestamp are UTC, whatever the server's zone is", async () => {
    const { engine } = await opened();
    const { rows } = await engine.run({ sql: "select @@session.time_zone", values: [] });
    expect(rows).toEqual([["+00:00"]]);
  });

  test.each([
    ["not ready in its cluster", 1047],
    ["offline", 3032],
    ["locking the account", 3118],
    ["waiting for a new password", 1862],
    ["tired of waiting", 4031],
  ])("a server that is %s is a 503", async (_what, number) => {
    const { engine } = await opened();
    const said = engine.run({ sql: `signal sqlstate 'HY000' set mysql_errno = ${number}`, values: [] });
    await expect(said).rejects.toMatchObject({ code: "unavailable", status: 503 });
  });

  test("the database's clock is not asked for local time, which repeats an hour when clocks are set back", async () => {
    const { engine } = await opened();
    expect(clockOf(engine)).not.toContain("now(");
    const { rows } = await engine.run({ sql: clockOf(engine), values: [] });
    expect(Math.abs(Number(rows[0]?.[0]) - Date.now())).toBeLessThan(60_000);
  });

  test("the database's clock goes on in the night in which the zone's is set back", async (context) => {
    const { engine } = await opened();
    const say = (text: string) => engine.run({ sql: text, values: [] });
    const zone = await say("set time_zone = 'America/New_York'").catch(() => undefined);
    if (!zone) return context.skip("this server has not loaded the time zones");
    // Half past one, twice.
    for (const moment of [Date.UTC(2026, 10, 1, 5, 30), Date.UTC(2026, 10, 1, 6, 30)]) {
      await say(`set timestamp = ${moment / 1000}`);
      expect((await say(clockOf(engine))).rows).toEqual([[moment]]);
    }
  });
});

/** One connection, to a database of its own. */
async function opened(): Promise<{ readonly pool: Pool; readonly engine: Engine }> {
  const { url, drop } = await ownMysql(server ?? "");
  const pool = mysql2.createPool({ uri: url, connectionLimit: 1 });
  const engine = mysqlEngine(pool, true);
  onTestFinished(async () => {
    await engine.close();
    await drop();
  });
  return { pool, engine };
}

function clockOf({ dialect, kysely }: Engine): string {
  return sql`select ${dialect.now(sql`0`)}`.compile(kysely).sql;
}
