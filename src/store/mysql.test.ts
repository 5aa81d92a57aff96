import mysql2 from "mysql2/promise";
import { afterAll, describe, test } from "vitest";
import { storeContract } from "./contract.js";
import { openContractWorld } from "./contract-world.js";
import { mysql } from "./mysql.js";

const url = process.env["TEST_MYSQL_URL"];

describe.skipIf(url === undefined)("MySQL or MariaDB with three connections", async () => {
  if (url === undefined) return;
  const database = `keyturn_${process.pid}`;
  const admin = await mysql2.createConnection(url);
  await admin.query(`create database ${database}`);
  const target = new URL(url);
  target.pathname = `/${database}`;
  const world = await openContractWorld(mysql(target.href), 3);
  afterAll(async () => {
    await world.close();
    await admin.query(`drop database ${database}`);
    await admin.end();
  });
  test.each(storeContract)("$name", ({ run }) => run(world));
});
