import { afterAll, describe, expect, test } from "vitest";
import { ownMysql } from "../testing/own-database.js";
import { storeContract } from "./contract/contract.js";
import { openContractWorld } from "./contract/world.js";
import { mysql } from "./mysql.js";

const server = process.env["TEST_MYSQL_URL"];

describe.skipIf(server === undefined)("MySQL or MariaDB with three connections", async () => {
  if (server === undefined) return;
  const { url, drop } = await ownMysql(server);
  const world = await openContractWorld(mysql(url), 3);
  afterAll(async () => {
    await world.close();
    await drop();
  });
  test.each(storeContract)("$name", ({ run }) => run(world));
});

test("what is no MySQL URL is refused, without showing it", () => {
  const secret = () => mysql("postgres://root:hunter2@localhost/app");
  expect(secret).toThrow(/mysql:\/\//);
  expect(secret).not.toThrow(/hunter2/);
});
