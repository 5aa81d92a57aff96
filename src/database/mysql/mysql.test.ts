import mysql2, { type Pool } from "mysql2";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type OwnDatabase, ownMysql } from "../../../test/fixtures/own-database.js";
import { storeContract } from "../contract/contract.js";
import { type ContractWorld, openContractWorld } from "../contract/world.js";
import { mysql } from "./database.js";
import { openPool } from "./mysql-pool.js";
import { sslOf } from "./ssl-mode.js";

const server = process.env["TEST_MYSQL_URL"];

describe.skipIf(server === undefined)("MySQL or MariaDB with three connections", () => {
  let ours: OwnDatabase;
  let world: ContractWorld;
  beforeAll(async () => {
    ours = await ownMysql(server ?? "");
    world = await openContractWorld(mysql(ours.url), 3);
  });
  afterAll(async () => {
    await world?.close();
    await ours?.drop();
  });
  test.each(storeContract)("$name", ({ run }) => run(world));
});

describe.skipIf(server === undefined).each([true, false])(
  "the app's own pool, with settings of every kind; preparedStatements: %s",
  (preparedStatements) => {
    let ours: OwnDatabase;
    let pool: Pool;
    let world: ContractWorld;
    beforeAll(async () => {
      ours = await ownMysql(server ?? "");
      pool = unusualPool(ours.url);
      world = await openContractWorld(mysql(pool, { preparedStatements }), 3);
    });
    afterAll(async () => {
      await world?.close();
      await new Promise((resolve) => (pool ? pool.end(resolve) : resolve(undefined)));
      await ours?.drop();
    });
    test.each(storeContract)("$name", ({ run }) => run(world));
  },
);

function unusualPool(uri: string): Pool {
  const pool = mysql2.createPool({
    uri,
    // Answers rows that were changed, not those that were found.
    flags: ["-FOUND_ROWS"],
    namedPlaceholders: true,
    supportBigNumbers: true,
    decimalNumbers: true,
    typeCast: (field, next) => (field.type === "TINY" ? field.string() === "1" : next()),
    timezone: "+03:00",
  });
  pool.on("connection", (connection) => {
    connection.query("set sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI,STRICT_TRANS_TABLES', time_zone = '-05:00'");
  });
  return pool;
}

test("what is no MySQL URL is refused, without showing it", () => {
  const secret = () => mysql("postgres://root:hunter2@localhost/app");
  expect(secret).toThrow(/mysql:\/\//);
  expect(secret).not.toThrow(/hunter2/);
});

test("a URL that asks for TLS gets it or no connection, in the words of MySQL's own clients too", async () => {
  expect(() => mysql("mysql://root@localhost/app?ssl-mode=MAYBE")).toThrow(/ssl-mode .* VERIFY_IDENTITY/);
  expect(sslOf("mysql://root@localhost/app?connectTimeout=1&ssl-mode=verify_identity")).toEqual({
    rejectUnauthorized: true,
    verifyIdentity: true,
  });
  expect(sslOf("mysql://root@localhost/app")).toBeUndefined();
});

test.skipIf(server === undefined)("ssl-mode=REQUIRED goes on with TLS, or not at all", async () => {
  const url = new URL(server ?? "");
  url.searchParams.set("ssl-mode", "REQUIRED");
  const pool = openPool(url.href, 1);
  const cipher = await new Promise((resolve) =>
    pool.query("show status like 'Ssl_cipher'", (error: unknown, rows: unknown) => resolve(error ?? rows)),
  );
  if (cipher instanceof Error) expect(cipher).toMatchObject({ code: "HANDSHAKE_NO_SSL_SUPPORT" });
  else expect(cipher).toMatchObject([{ Value: expect.stringMatching(/./) }]);
  await new Promise((resolve) => pool.end(resolve));
});
