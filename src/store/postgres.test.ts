import { afterAll, describe, expect, test } from "vitest";
import { ownPostgres, ownPostgresDatabase } from "../testing/own-database.js";
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

// As most databases are made; the letters of ASCII are in another order there.
describe.skipIf(server === undefined)("PostgreSQL that sorts as people do", async () => {
  if (server === undefined) return;
  const english = "template template0 encoding 'UTF8' locale_provider icu icu_locale 'en-US'";
  const { url, drop } = await ownPostgresDatabase(server, english);
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
