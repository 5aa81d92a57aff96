import { readFileSync } from "node:fs";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type OwnDatabase, ownPostgres } from "../../../test/fixtures/own-database.js";
import type { SqlExecutor } from "../driver.js";
import { readMoment } from "../schema/column-values.js";
import { postgresExecutor } from "./postgres.js";

const server = process.env["TEST_POSTGRES_URL"];

// It has no types: they are those of the newest, as far as this test goes.
const oldestPackage: string = "pg-oldest";
const { default: oldest } = (await import(oldestPackage)) as { readonly default: typeof pg };

describe.skipIf(server === undefined).each([
  { which: "newest", driver: pg, modes: [{}, { pipeline: true }] },
  { which: "oldest", driver: oldest, modes: [{}] },
])("statements on PostgreSQL with the $which pg that is allowed", ({ driver, modes }) => {
  let ours: OwnDatabase;
  beforeAll(async () => {
    ours = await ownPostgres(server ?? "");
  });
  afterAll(() => ours?.drop());

  const opened = (config: pg.PoolConfig & { pipeline?: boolean } = {}, prepared = true) => {
    const pool = new driver.Pool({ connectionString: ours.url, max: 1, ...config });
    onTestFinished(() => pool.end());
    const executor = postgresExecutor(pool, false, prepared);
    return { pool, run: (sql: string, ...values: unknown[]) => executor.run({ sql, values }) };
  };

  describe.each(modes.flatMap((config) => [true, false].map((prepared) => ({ config, prepared }))))(
    "connections of $config, prepared: $prepared",
    ({ config, prepared }) => {
      test("values come back as they are, also the second time", async () => {
        const { run } = opened(config, prepared);
        const text =
          "select $1::text, $2::bigint, $3::boolean, $4::float8, $5::text, 9007199254740993::bigint, '2026-11-25 10:00:00.05+00'::timestamptz, '{}'::text";
        for (let time = 0; time < 3; time++) {
          const { rows } = await run(text, "é \u{1f511}", 12, false, 0.5, null);
          expect(rows).toEqual([
            ["é \u{1f511}", 12, false, 0.5, null, "9007199254740993", "2026-11-25T10:00:00.050Z", "{}"],
          ]);
        }
      });

      test("rows that were written are counted", async () => {
        const { run, pool } = opened(config, prepared);
        await pool.query("create table if not exists counted (n int)");
        await pool.query("truncate counted");
        for (let n = 0; n < 3; n++) {
          expect((await run("insert into counted values ($1), ($1)", n)).changes).toBe(2);
          expect((await run("update counted set n = n where n = $1", n)).changes).toBe(2);
          expect((await run("update counted set n = n where n = $1", -1)).changes).toBe(0);
          expect((await run("update counted set n = n where n = $1 returning n", n)).rows).toEqual([
            [n],
            [n],
          ]);
        }
      });

      test("a statement that fails leaves the connection as it was", async () => {
        const { run } = opened(config, prepared);
        for (const divisor of [1, 0, 2, 0, 4]) {
          const answer = run("select 8 / $1::int", divisor);
          if (divisor === 0) await expect(answer).rejects.toMatchObject({ code: "22012" });
          else expect((await answer).rows).toEqual([[8 / divisor]]);
        }
      });
    },
  );

  test("a parser of the app's own that throws fails its statement, and no more", async () => {
    const { run } = opened();
    const date = 1082;
    const parse: (text: string) => unknown = pg.types.getTypeParser(date, "text");
    pg.types.setTypeParser(date, (text) => {
      if (text === "infinity") throw new RangeError("not a day");
      return text;
    });
    onTestFinished(() => pg.types.setTypeParser(date, parse));
    const text = "select day from (values ('2026-11-25'::date), ($1::date)) as days (day)";
    expect((await run(text, "2026-11-26")).rows).toEqual([["2026-11-25"], ["2026-11-26"]]);
    await expect(run(text, "infinity")).rejects.toThrow();
    expect((await run(text, "2026-11-27")).rows).toEqual([["2026-11-25"], ["2026-11-27"]]);
  });

  test("moments are UTC, whatever zone the connection speaks", async () => {
    for (const zone of ["UTC", "Asia/Kolkata", "America/St_Johns"]) {
      const { pool } = opened();
      await pool.query(`set time zone '${zone}'`);
      const executor: SqlExecutor = postgresExecutor(pool, false, true);
      const text = "select $1::timestamptz, '1969-07-20 20:17:40.123456+00'::timestamptz";
      const { rows } = await executor.run({ sql: text, values: ["2026-11-25T10:00:00.000Z"] });
      expect(rows[0]?.map(readMoment)).toEqual(["2026-11-25T10:00:00.000Z", "1969-07-20T20:17:40.123Z"]);
    }
  });

  test("a column that was changed under prepared statements is read as what it is now, on every connection", async () => {
    const { run, pool } = opened({ max: 4 });
    await pool.query("create table changing (n int)");
    await pool.query("insert into changing values (7)");
    const reads = () => Promise.all(Array.from({ length: 8 }, () => run("select n from changing")));
    expect((await reads()).map(({ rows }) => rows)).toEqual(new Array(8).fill([[7]]));
    expect(pool.totalCount).toBe(4);
    await pool.query("alter table changing alter column n type text using 'n' || n");
    expect((await reads()).map(({ rows }) => rows)).toEqual(new Array(8).fill([["n7"]]));
  });

  test("an ordinary statement is prepared once, and its columns are described once, on each connection", async () => {
    const { run, pool } = opened();
    const sent: string[] = [];
    pool.on("connect", (client) => {
      const { connection } = client as unknown as { connection: Record<"parse" | "describe", () => void> };
      for (const name of ["parse", "describe"] as const) {
        const original = connection[name].bind(connection);
        connection[name] = (...args) => {
          sent.push(name);
          original(...args);
        };
      }
    });
    for (let time = 0; time < 5; time++) await run("select $1::int", time);
    expect(sent).toEqual(["parse", "describe"]);
  });
});

test("the oldest pg of these tests is the oldest that package.json allows", () => {
  const read = (file: string): unknown => JSON.parse(readFileSync(file, "utf8"));
  const allowed = read("package.json") as { peerDependencies: Record<string, string> };
  const present = read(`node_modules/${oldestPackage}/package.json`) as { version: string };
  expect(`^${present.version}`).toBe(allowed.peerDependencies["pg"]);
});
