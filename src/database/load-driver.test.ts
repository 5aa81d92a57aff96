import { expect, test } from "vitest";
import { loadDriver, PackageMissing } from "./load-driver.js";

/** What Node throws when an import finds no package. */
function notFound(name: string): Error {
  const message = `Cannot find package '${name}' imported from /app/node_modules/keyturn/dist/database/driver.js`;
  return Object.assign(new Error(message), { code: "ERR_MODULE_NOT_FOUND" });
}

test.each([
  ["PostgreSQL", "pg", "PostgreSQL needs the package pg. Install it with: npm install pg"],
  ["MySQL", "mysql2", "MySQL needs the package mysql2. Install it with: npm install mysql2"],
])("%s without the package %s is a sentence that says what to install", async (database, name, sentence) => {
  const missing = loadDriver(database, name, () => Promise.reject(notFound(name)));
  await expect(missing).rejects.toThrow(new PackageMissing(sentence));
});

test.each([
  ["another package", notFound("pg-protocol")],
  ["a package whose name begins alike", notFound("pg2")],
  [
    "a file of the package",
    Object.assign(new Error("Cannot find module '/app/pg/lib/x.js'"), { code: "ERR_MODULE_NOT_FOUND" }),
  ],
  ["anything else", new SyntaxError("Unexpected token")],
])("an error about %s stays what it is", async (_name, error) => {
  await expect(loadDriver("PostgreSQL", "pg", () => Promise.reject(error))).rejects.toBe(error);
});

test("a driver that is there is returned", async () => {
  expect(await loadDriver("PostgreSQL", "pg", async () => ({ openPool: 1 }))).toEqual({ openPool: 1 });
});
