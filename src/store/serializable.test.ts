import pg from "pg";
import { afterAll, describe, expect, test } from "vitest";
import { ownPostgres } from "../testing/own-database.js";
import { storeContract } from "./contract/contract.js";
import { openContractWorld } from "./contract/world.js";
import { postgres } from "./postgres.js";

const server = process.env["TEST_POSTGRES_URL"];

/** Whoever meets another transaction may be rolled back: what CockroachDB does by default. */
describe.skipIf(server === undefined)("PostgreSQL where every transaction is serializable", async () => {
  if (server === undefined) return;
  const ours = await ownPostgres(server);
  const url = new URL(ours.url);
  const options = url.searchParams.get("options");
  url.searchParams.set("options", `${options} -c default_transaction_isolation=serializable`);
  const world = await openContractWorld(postgres(url.href), 3);
  afterAll(async () => {
    await world.close();
    await ours.drop();
  });

  test("is what these connections have", async () => {
    const client = new pg.Client(url.href);
    await client.connect();
    const { rows } = await client.query("show transaction_isolation");
    expect(rows).toEqual([{ transaction_isolation: "serializable" }]);
    await client.end();
  });

  test.each(storeContract)("$name", ({ run }) => run(world));
});
