import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type OwnDatabase, ownPostgres } from "../../../test/fixtures/own-database.js";
import { storeContract } from "../contract/contract.js";
import { type ContractWorld, openContractWorld } from "../contract/world.js";
import { postgres } from "./database.js";

const server = process.env["TEST_POSTGRES_URL"];

/** Whoever meets another transaction may be rolled back: what CockroachDB does by default. */
describe.skipIf(server === undefined)("PostgreSQL where every transaction is serializable", () => {
  let ours: OwnDatabase;
  let world: ContractWorld;
  let url: string;
  beforeAll(async () => {
    ours = await ownPostgres(server ?? "");
    const strict = new URL(ours.url);
    const options = strict.searchParams.get("options");
    strict.searchParams.set("options", `${options} -c default_transaction_isolation=serializable`);
    url = strict.href;
    world = await openContractWorld(postgres(url), 3);
  });
  afterAll(async () => {
    await world?.close();
    await ours?.drop();
  });

  test("is what these connections have", async () => {
    const client = new pg.Client(url);
    await client.connect();
    const { rows } = await client.query("show transaction_isolation");
    expect(rows).toEqual([{ transaction_isolation: "serializable" }]);
    await client.end();
  });

  test.each(storeContract)("$name", ({ run }) => run(world));
});
