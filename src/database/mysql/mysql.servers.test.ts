import { Kysely, MysqlDialect, sql } from "kysely";
import mysql2, { type Pool } from "mysql2";
import { describe, expect, onTestFinished, test } from "vitest";
import { ownMysql } from "../../../test/fixtures/own-database.js";
import { modelOf } from "../../../test/fixtures/tables.js";
import type { SqlExecutor } from "../driver.js";
import type { Schema } from "../schema/schema.js";
import { createSqlStore } from "../sql-store.js";
import { type MysqlOptions, mysqlExecutor } from "./mysql.js";
import { readCausally } from "./strict.js";

const server = process.env["TEST_MYSQL_URL"];

// What one version, mode or zone of a server does and another does not, shown on whichever server there is.
describe.skipIf(server === undefined)("MySQL or MariaDB of any version", () => {
  test("a migration calls no function that MySQL 9.6 took out, and gives every new column a default", async () => {
    const { pool, executor } = await opened();
    const said: string[] = [];
    const kysely = new Kysely<Schema>({
      dialect: new MysqlDialect({ pool }),
      log: ({ query }) => void said.push(query.sql),
    });
    await sql`create table people (id int auto_increment primary key)`.execute(kysely);
    await createSqlStore({ ...executor, kysely }, [modelOf()]).migrate("apply");
    const all = said.join("\n");
    expect(all).toContain("get_lock(");
    expect(all).not.toMatch(/\b(md5|sha1?)\(/);
    // MySQL would refuse the app's next row, which does not name the column; MariaDB would not.
    expect(all).not.toContain("drop default");
    await sql`insert into people (uid) values ('ann')`.execute(kysely);
  });

  test("moments in columns of the type timestamp are UTC, whatever the server's zone is", async () => {
    const { executor } = await opened();
    const { rows } = await executor.run({ sql: "select @@session.time_zone", values: [] });
    expect(rows).toEqual([["+00:00"]]);
  });

  test.each([
    ["not ready in its cluster", 1047],
    ["offline", 3032],
    ["locking the account", 3118],
    ["waiting for a new password", 1862],
    ["tired of waiting", 4031],
  ])("a server that is %s is a 503", async (_what, number) => {
    const { executor } = await opened();
    const said = executor.run({ sql: `signal sqlstate 'HY000' set mysql_errno = ${number}`, values: [] });
    await expect(said).rejects.toMatchObject({ code: "unavailable", status: 503 });
  });

  test("with causalReads every statement waits for what other nodes have committed; a server outside of clusters says so", async () => {
    const usual = await opened();
    const { rows: known } = await usual.executor.run({
      sql: "show variables like 'wsrep_sync_wait'",
      values: [],
    });
    const { executor } = await opened({ causalReads: true });
    const said = executor.run({ sql: "show variables like 'wsrep_sync_wait'", values: [] });
    if (known.length > 0) expect((await said).rows).toEqual([["wsrep_sync_wait", "1"]]);
    else await expect(said).rejects.toThrow(/causalReads.*no Galera cluster/);
  });

  test("the database's clock is not asked for local time, which repeats an hour when clocks are set back", async () => {
    const { executor } = await opened();
    expect(clockOf(executor)).not.toContain("now(");
    const { rows } = await executor.run({ sql: clockOf(executor), values: [] });
    expect(Math.abs(Number(rows[0]?.[0]) - Date.now())).toBeLessThan(60_000);
  });

  test("the database's clock goes on in the night in which the zone's is set back", async (context) => {
    const { executor } = await opened();
    const say = (text: string) => executor.run({ sql: text, values: [] });
    const zone = await say("set time_zone = 'America/New_York'").catch(() => undefined);
    if (!zone) return context.skip("this server has not loaded the time zones");
    // Half past one, twice.
    for (const moment of [Date.UTC(2026, 10, 1, 5, 30), Date.UTC(2026, 10, 1, 6, 30)]) {
      await say(`set timestamp = ${moment / 1000}`);
      expect((await say(clockOf(executor))).rows).toEqual([[moment]]);
    }
  });
});

/** One connection, to a database of its own. */
test("causalReads on a server that knows no Galera is refused in a sentence that names the option", async () => {
  const unknown = Object.assign(new Error("Unknown system variable"), { errno: 1193 });
  await expect(readCausally(() => Promise.reject(unknown))).rejects.toThrow(/causalReads.*no Galera cluster/);
  const gone = Object.assign(new Error("gone"), { errno: 2006 });
  await expect(readCausally(() => Promise.reject(gone))).rejects.toBe(gone);
});

async function opened(
  options?: MysqlOptions,
): Promise<{ readonly pool: Pool; readonly executor: SqlExecutor }> {
  const { url, drop } = await ownMysql(server ?? "");
  const pool = mysql2.createPool({ uri: url, connectionLimit: 1 });
  const executor = mysqlExecutor(pool, true, options);
  onTestFinished(async () => {
    await executor.close();
    await drop();
  });
  return { pool, executor };
}

function clockOf({ dialect, kysely }: SqlExecutor): string {
  return sql`select ${dialect.now(sql`0`)}`.compile(kysely).sql;
}
