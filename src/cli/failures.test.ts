import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import mysql from "mysql2/promise";
import pg from "pg";
import { expect, test } from "vitest";
import { sqlite } from "../database/sqlite/sqlite.js";
import { sentenceOf } from "./failures.js";

const failureOf = (run: () => Promise<unknown>): Promise<unknown> =>
  run().then(
    () => undefined,
    (error: unknown) => error,
  );

/** A port that nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address ? address.port : 0;
}

test("a database server that is away is a sentence, whichever it is and under both addresses of a name", async () => {
  const port = await freePort();
  for (const host of ["127.0.0.1", "localhost"])
    for (const connect of [
      () => new pg.Client({ host, port, user: "a" }).connect(),
      () => mysql.createConnection({ host, port, user: "a" }),
    ])
      expect(sentenceOf(await failureOf(connect))).toMatch(
        /^A server cannot be reached: connect ECONNREFUSED [\d.:a-f]+$/,
      );
});

test.each([
  ["28P01", 'password authentication failed for user "app"'],
  ["3D000", 'database "app" does not exist'],
  ["ER_ACCESS_DENIED_ERROR", "Access denied for user 'app'@'localhost'"],
  ["ER_BAD_DB_ERROR", "Unknown database 'app'"],
])("one that refuses the connection is a sentence: %s", (code, message) => {
  expect(sentenceOf(Object.assign(new Error(message), { code }))).toBe(
    `The database refuses the connection: ${message}`,
  );
});

test("a file that cannot be written is a sentence", async () => {
  const isFolder = await failureOf(async () => writeFileSync("/", ""));
  expect(sentenceOf(isFolder)).toBe("EISDIR: illegal operation on a directory, open '/'");
});

test("a SQLite file that cannot be opened is a sentence", async () => {
  const failure = await failureOf(() => sqlite("/none/of/these/app.db").connect({ models: [] }));
  expect(sentenceOf(failure)).toMatch(/^SQLite cannot open "\/none\/of\/these\/app\.db": .*be writable$/);
});

test.each([
  new Error("a mistake of ours"),
  Object.assign(new Error("Failing row contains (ada@example.com)"), { code: "23514" }),
  new AggregateError([]),
  "a text",
])("a fault of the program keeps its stack: %s", (error) => {
  expect(sentenceOf(error)).toBeUndefined();
});
