import pg from "pg";
import { afterAll, describe, test } from "vitest";
import { storeContract } from "./contract.js";
import { openContractWorld } from "./contract-world.js";
import { postgres } from "./postgres.js";

const url = process.env["TEST_POSTGRES_URL"];

describe.skipIf(url === undefined)("PostgreSQL with three connections", async () => {
  if (url === undefined) return;
  const schema = `keyturn_${process.pid}`;
  const admin = new pg.Client(url);
  await admin.connect();
  await admin.query(`create schema ${schema}`);
  const target = new URL(url);
  target.searchParams.set("options", `-c search_path=${schema}`);
  const world = await openContractWorld(postgres(target.href), 3);
  afterAll(async () => {
    await world.close();
    await admin.query(`drop schema ${schema} cascade`);
    await admin.end();
  });
  test.each(storeContract)("$name", ({ run }) => run(world));
});
