import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type OwnDatabase, ownPostgres, ownPostgresDatabase } from "../../../test/fixtures/own-database.js";
import { storeContract } from "../contract/contract.js";
import { type ContractWorld, openContractWorld } from "../contract/world.js";
import { postgres } from "./database.js";

const server = process.env["TEST_POSTGRES_URL"];

// The second as most databases are made; the letters of ASCII are in another order there.
describe.skipIf(server === undefined).each([
  { name: "PostgreSQL with three connections", own: ownPostgres },
  {
    name: "PostgreSQL that sorts as people do",
    own: (on: string) =>
      ownPostgresDatabase(on, "template template0 encoding 'UTF8' locale_provider icu icu_locale 'en-US'"),
  },
])("$name", ({ own }) => {
  let ours: OwnDatabase;
  let world: ContractWorld;
  beforeAll(async () => {
    ours = await own(server ?? "");
    world = await openContractWorld(postgres(ours.url), 3);
  });
  afterAll(async () => {
    await world?.close();
    await ours?.drop();
  });
  test.each(storeContract)("$name", ({ run }) => run(world));
});

test("what is no PostgreSQL URL is refused, without showing it", () => {
  const secret = () => postgres("mysql://root:hunter2@localhost/app");
  expect(secret).toThrow(/postgres:\/\//);
  expect(secret).not.toThrow(/hunter2/);
});
