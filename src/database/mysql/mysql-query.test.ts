import mysql2, { type Pool, type PoolOptions } from "mysql2";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type OwnDatabase, ownMysql } from "../../../test/fixtures/own-database.js";
import { openProxy } from "../../../test/fixtures/tcp-proxy.js";
import type { Result } from "../driver.js";
import { type MysqlOptions, mysqlExecutor } from "./mysql.js";

const server = process.env["TEST_MYSQL_URL"];

interface Opened {
  readonly pool: Pool;
  run(sql: string, ...values: unknown[]): Promise<Result>;
  /** As whoever administers the database, on another connection. */
  say(sql: string): Promise<unknown>;
}

describe.skipIf(server === undefined)("statements on MySQL or MariaDB", () => {
  let ours: OwnDatabase;
  let made = 0;
  beforeAll(async () => {
    ours = await ownMysql(server ?? "");
  });
  afterAll(() => ours?.drop());

  const opened = (options: MysqlOptions = {}, pooled: PoolOptions = {}): Opened => {
    const open = (limit: number) => mysql2.createPool({ uri: ours.url, connectionLimit: limit, ...pooled });
    const [pool, admin] = [open(options.connections ?? 1), open(1)];
    onTestFinished(async () => {
      for (const one of [pool, admin]) await new Promise((resolve) => one.end(resolve));
    });
    const executor = mysqlExecutor(pool, true, options);
    return {
      pool,
      run: (sql, ...values) => executor.run({ sql, values }),
      say: (sql) => admin.promise().query(sql),
    };
  };
  const newTable = (): string => `t${++made}`;

  describe.each([
    { how: "prepared", options: { preparedStatements: true } },
    { how: "sent whole each time", options: { preparedStatements: false } },
  ])("$how", ({ options }) => {
    test("values come back from columns as they are, also the second time", async () => {
      const { run, say } = opened(options);
      const table = newTable();
      await say(
        `create table ${table} (big bigint, tiny boolean, wide double, thin float, exact decimal(20, 3), words text character set utf8mb4, moment datetime(3), plain datetime, stamp timestamp(3) null, nothing int)`,
      );
      const text = `it's "\u{1f511}" \\ ? \0`;
      const insert = `insert into ${table} values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
      for (const moment of ["2026-11-25 10:00:00.050", "2026-11-25 00:00:00.000"]) {
        const given = [
          1764064800123,
          1,
          0.1,
          0.1,
          "12345678901234567.125",
          text,
          moment,
          moment,
          moment,
          null,
        ];
        await run(insert, ...given);
        const { rows } = await run(`select * from ${table} where words = ? and big = ?`, text, 1764064800123);
        expect(rows.map((row) => row.slice(0, 6))).toEqual([given.slice(0, 6)]);
        const [utc, ...others] = (rows[0]?.slice(6, 9) ?? []).map((one) => new Date(`${one}Z`).toISOString());
        expect([utc, others]).toEqual([
          `${moment.replace(" ", "T")}Z`,
          [`${moment.slice(0, -4).replace(" ", "T")}.000Z`, utc],
        ]);
        expect(rows[0]?.[9]).toBeNull();
        await run(`delete from ${table} where nothing is null and tiny = ?`, 1);
      }
    });

    test("whole numbers stay exact in sums, in limits, and past 2^53", async () => {
      const { run, say } = opened(options);
      const table = newTable();
      await say(`create table ${table} (id bigint primary key, n bigint, score double)`);
      const now = 1764064800123;
      for (const id of ["9007199254740993", "9223372036854775807", "-9223372036854775808", "7"])
        await run(
          `insert into ${table} values (cast(? as signed), cast(? as signed) + ?, ?)`,
          id,
          now,
          999,
          3,
        );
      const summed = `select id, n, (n + ?) - (n + ?) % 1000, score from ${table} where id = cast(? as signed)`;
      for (const id of ["9007199254740993", "9223372036854775807", "-9223372036854775808"])
        expect((await run(summed, 1209600000, 1209600000, id)).rows.map((row) => row.map(String))).toEqual([
          [id, String(now + 999), "1765274401000", "3"],
        ]);
      expect((await run(`select n from ${table} order by id limit ? offset ?`, 2, 1)).rows).toHaveLength(2);
      const set = `update ${table} set n = cast(? as signed) + ? where id = ? and score >= ?`;
      expect((await run(set, Number.MAX_SAFE_INTEGER - 1, 1, 7, 2.5)).changes).toBe(1);
      expect((await run(`select n from ${table} where n = ?`, Number.MAX_SAFE_INTEGER)).rows).toEqual([
        [Number.MAX_SAFE_INTEGER],
      ]);
    });

    test("rows that were found are counted, also on a pool that counts those that became different", async () => {
      const { run, say } = opened(options, { flags: ["-FOUND_ROWS"] });
      const table = newTable();
      await say(`create table ${table} (n int)`);
      for (let n = 0; n < 3; n++) {
        expect((await run(`insert into ${table} values (?), (?)`, n, n)).changes).toBe(2);
        expect((await run(`update ${table} set n = n where n = ?`, n)).changes).toBe(2);
        expect((await run(`update ${table} set n = n where n = ?`, -1)).changes).toBe(0);
      }
      expect((await run(`delete from ${table} where n > ?`, 0)).changes).toBe(4);
    });

    test("how the app's own pool reads columns is for its own queries", async () => {
      const { run } = opened(options, { typeCast: () => "cast" });
      const text = "select cast(? as signed), ?, cast('2026-11-25 10:00:00.050' as datetime(3))";
      expect((await run(text, 1, null)).rows).toEqual([[1, null, "2026-11-25 10:00:00.050"]]);
    });

    test("a statement that fails leaves the connection as it was", async () => {
      const { run, say, pool } = opened(options);
      const table = newTable();
      await say(`create table ${table} (n int primary key)`);
      let connections = 0;
      pool.on("connection", () => connections++);
      for (const n of [1, 2, 3]) {
        await run(`insert into ${table} values (?)`, n);
        await expect(run(`insert into ${table} values (?)`, n)).rejects.toThrow("unique index");
        await expect(run("select ? from nowhere", n)).rejects.toMatchObject({ code: "1146" });
        await expect(run("selekt ?", n)).rejects.toMatchObject({ code: "1064" });
        expect((await run(`select n from ${table} where n = ?`, n)).rows).toEqual([[n]]);
      }
      expect(connections).toBe(1);
    });

    test("a column that was changed is read as what it is now, on every connection", async () => {
      const { run, say } = opened({ ...options, connections: 4 });
      const table = newTable();
      await say(`create table ${table} (id int, n int)`);
      await say(`insert into ${table} values (1, 7)`);
      const reads = async (...values: unknown[]) => {
        const read = () => run(`select n from ${table} where id = ? and n = ?`, 1, ...values);
        return (await Promise.all(Array.from({ length: 8 }, read))).map(({ rows }) => rows);
      };
      const all = (value: unknown) => new Array(8).fill([[value]]);
      expect(await reads(7)).toEqual(all(7));
      await say(`alter table ${table} modify n varchar(20)`);
      expect(await reads(7)).toEqual(all("7"));
      await say(`update ${table} set n = 'n7'`);
      expect(await reads("n7")).toEqual(all("n7"));
      await say(`alter table ${table} add first datetime(3) first, modify n varchar(30), modify id bigint`);
      expect(await reads("n7")).toEqual(all("n7"));
      await say(`update ${table} set n = '1764064800123'`);
      await say(`alter table ${table} modify n bigint`);
      expect(await reads(1764064800123)).toEqual(all(1764064800123));
    });
  });

  test("no value is part of a statement's text", async () => {
    const { run, pool } = opened();
    const sent: Uint8Array[] = [];
    pool.on("connection", (connection: { stream: { write(data: Uint8Array): boolean } }) => {
      const { stream } = connection;
      const write = stream.write.bind(stream);
      stream.write = (data) => {
        sent.push(data);
        return write(data);
      };
    });
    for (let time = 0; time < 3; time++) await run("select ?", "' or ''='");
    // Behind length and number of a packet: COM_QUERY is 3, COM_STMT_PREPARE 22, COM_STMT_EXECUTE 23.
    const text = sent.filter((data) => data[4] === 3 || data[4] === 22).map((data) => String(data));
    expect(sent.map((data) => data[4]).slice(-4)).toEqual([22, 23, 23, 23]);
    expect(text.join("\n")).not.toContain(String(Buffer.from("' or '")));
  });

  test("a value that is missing is a mistake, not an unavailable database", async () => {
    const { run } = opened();
    await expect(run("select ?", undefined)).rejects.toThrow(TypeError);
    expect((await run("select ?", null)).rows).toEqual([[null]]);
  });

  test("what the server forgot is prepared again, on a fresh connection", async () => {
    const { run, pool } = opened();
    let connections = 0;
    pool.on("connection", () => connections++);
    const text = "select cast(? as signed)";
    expect((await run(text, 1)).rows).toEqual([[1]]);
    await forgetAll(pool);
    expect((await run(text, 2)).rows).toEqual([[2]]);
    expect(connections).toBe(2);
  });

  test("of more statements than a connection may keep the oldest go", async () => {
    const { run } = opened({}, { maxPreparedStatements: 3 });
    const prepared = async () =>
      (await run("show session status where variable_name in ('Com_stmt_prepare', 'Com_stmt_close')")).rows
        .map((row) => Number(row[1]))
        .sort((a, b) => b - a);
    for (const round of [1, 2]) {
      for (let i = 0; i < 5; i++) expect((await run(`select ?, ${i}`, "a")).rows).toEqual([["a", i]]);
      const [made = 0, closed = 0] = await prepared();
      expect([made, made - closed]).toEqual([5 * round, 3]);
    }
  });

  test("where the server has no room for another prepared statement, it is sent whole", async () => {
    const { run, pool } = opened();
    pool.on("connection", (connection) => {
      const full = Object.assign(new Error("full"), { errno: 1461, sqlState: "42000" });
      Object.assign(connection, {
        execute: (_options: unknown, answer: (error: Error) => void) => answer(full),
      });
    });
    expect((await run("select ?", "it's")).rows).toEqual([["it's"]]);
  });

  test("a server that falls silent is given up, also while it prepares a statement", async () => {
    const proxy = await openProxy(ours.url);
    onTestFinished(() => proxy.close());
    const { run } = opened({ statementTimeout: 200 }, { uri: proxy.url });
    const text = "select cast(? as signed)";
    for (const isPrepared of [false, true]) {
      await run(isPrepared ? text : "select 1", ...(isPrepared ? [1] : []));
      proxy.stall();
      const began = performance.now();
      await expect(run(text, 1)).rejects.toMatchObject({ code: "unavailable" });
      expect(performance.now() - began).toBeLessThan(8000);
      await proxy.restore();
      expect((await run(text, 1)).rows).toEqual([[1]]);
    }
  });

  test("a statement that takes too long is given up, prepared or not", async () => {
    for (const preparedStatements of [true, false]) {
      const { run } = opened({ preparedStatements, statementTimeout: 200 });
      const began = performance.now();
      await expect(run("select sleep(?)", 3)).rejects.toMatchObject({ code: "unavailable" });
      expect(performance.now() - began).toBeLessThan(2000);
      expect((await run("select cast(? as signed)", 1)).rows).toEqual([[1]]);
    }
  });
});

/** As a proxy does that goes on with another server: what was prepared on the connection is gone. */
function forgetAll(pool: Pool): Promise<void> {
  return new Promise((resolve, reject) => {
    pool.getConnection((failed, connection) => {
      if (failed) return reject(failed);
      const { _statements: known } = connection as unknown as {
        _statements: { values(): Iterable<{ close(): void }> };
      };
      for (const statement of known.values()) statement.close();
      connection.release();
      resolve();
    });
  });
}
