import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type OwnDatabase, ownPostgres } from "../../../test/fixtures/own-database.js";
import { openPool } from "./postgres.js";

const server = process.env["TEST_POSTGRES_URL"];

describe.skipIf(server === undefined)("a pool that is made from a URL", () => {
  let ours: OwnDatabase;
  beforeAll(async () => {
    ours = await ownPostgres(server ?? "");
  });
  afterAll(() => ours?.drop());

  test("asks no connection a second question before the first is answered, which pg warns of; and each has its limits", async () => {
    const warnings: string[] = [];
    const note = (warning: Error) => warnings.push(warning.message);
    process.on("warning", note);
    const pool = openPool(ours.url, { connections: 4, lockTimeout: 1500 });
    const asked = Array.from({ length: 12 }, () => pool.query("show lock_timeout"));
    const shown = (await Promise.all(asked)).map(({ rows }) => rows[0]);
    await pool.end();
    process.off("warning", note);
    expect(shown).toEqual(new Array(12).fill({ lock_timeout: "1500ms" }));
    expect(warnings).toEqual([]);
  });
});
