import { afterEach, expect, test, vi } from "vitest";
import { createRegistry } from "../../accounts/models.js";
import { sqlite } from "./sqlite.js";

const failure = vi.hoisted(() => ({ error: new Error("none") }));
vi.mock("better-sqlite3", () => ({
  default: class {
    constructor() {
      throw failure.error;
    }
  },
}));
afterEach(() => vi.restoreAllMocks());

const connect = () =>
  sqlite("app.db", { driver: "better-sqlite3" }).connect({
    models: createRegistry({ user: { mountAt: "/auth" } }, {}).models,
  });

test.each([
  ["no addon", new Error("Could not locate the bindings file. Tried:\n → /app/build/better_sqlite3.node")],
  [
    "an addon for another Node",
    Object.assign(new Error("was compiled against NODE_MODULE_VERSION 115.\nThis version needs 127."), {
      code: "ERR_DLOPEN_FAILED",
    }),
  ],
])("%s: the sentence says how to build it, and nothing of folders", async (_case, error) => {
  failure.error = error;
  const [line = ""] = error.message.split("\n");
  const refused = await connect().catch((one: unknown) => one);
  expect(refused).toMatchObject({ name: "DatabaseNotOpened", cause: error });
  const { message } = refused as Error;
  expect(message).toContain(line.replace(/\.( Tried:)?$/, ""));
  expect(message).toContain("npm rebuild better-sqlite3");
  expect(message).not.toMatch(/folder|Tried|127/);
});

test("a file that cannot be opened is told with its name and what its folder needs", async () => {
  failure.error = Object.assign(new Error("unable to open database file"), { code: "SQLITE_CANTOPEN" });
  await expect(connect()).rejects.toThrow(
    'SQLite cannot open "app.db": unable to open database file. Its folder has to be there',
  );
});
