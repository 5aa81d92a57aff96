import { afterAll, describe, expect, test } from "vitest";
import { ownPostgres } from "../testing/own-database.js";
import { storeContract } from "./contract/contract.js";
import { openContractWorld } from "./contract/world.js";
import { postgres } from "./postgres.js";

const server = process.env["TEST_POSTGRES_URL"];

describe.skipIf(server === undefined)("PostgreSQL with three connections", async () => {
  if (server === undefined) return;
  const { url, drop } = await ownPostgres(server);
  const world = await openContractWorld(postgres(url), 3);
  afterAll(async () => {
    await world.close();
    await drop();
  });
  test.each(storeContract)("$name", ({ run }) => run(world));
});

test("what is no PostgreSQL URL is refused, without showing it", () => {
  const secret = () => postgres("mysql://root:hunter2@localhost/app");
  expect(secret).toThrow(/postgres:\/\//);
  expect(secret).not.toThrow(/hunter2/);
});
