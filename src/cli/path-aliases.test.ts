import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { folderWith } from "../../test/fixtures/init-app.js";
import { loadConfig } from "./load-config.js";

/** Each folder as its compiler would resolve it; one row for each place where an alias may stand. */

const found = 'export const table: string = "people";';
const importing = (name: string) =>
  `import { table } from "${name}";\nexport const config = { models: { user: { mountAt: "/auth", table } } };`;
const models = { user: { mountAt: "/auth", table: "people" } };
const paths = (alias: string, target: string, more: object = {}) => ({
  compilerOptions: { paths: { [alias]: [target] } },
  ...more,
});
const inSrc = { "src/db.ts": found, "auth.ts": importing("@/db") };

test.each([
  ["tsconfig.json", { ...inSrc, "tsconfig.json": paths("@/*", "./src/*") }],
  [
    "a tsconfig.json that extends another, which lies elsewhere",
    { ...inSrc, "tsconfig.json": { extends: "./config/base" }, "config/base.json": paths("@/*", "../src/*") },
  ],
  [
    "the part of a solution that the file belongs to",
    {
      ...inSrc,
      "tsconfig.json": {
        files: [],
        references: [{ path: "./tsconfig.node.json" }, { path: "./tsconfig.app.json" }],
      },
      "tsconfig.node.json": paths("@/*", "./scripts/*", { include: ["scripts"] }),
      "tsconfig.app.json": paths("@/*", "./src/*", { include: ["src", "auth.ts"] }),
    },
  ],
  [
    "tsconfig.json with a comment, and a star in the middle of the alias",
    {
      "tsconfig.json":
        '{\n  // ours\n  "compilerOptions": { "paths": { "@app/*/lib": ["./src/*/lib.ts"], }, },\n}',
      "src/db/lib.ts": found,
      "auth.ts": importing("@app/db/lib"),
    },
  ],
  [
    "tsconfig.json with a baseUrl, for an import that ends with .js",
    {
      ...inSrc,
      "tsconfig.json": { compilerOptions: { baseUrl: "./src", paths: { "~/*": ["./*"] } } },
      "auth.ts": importing("~/db.js"),
    },
  ],
])("an alias of %s is found", async (_, files) => {
  expect(await loadConfig(join(folderWith(files), "auth.ts"))).toEqual({ models });
});

test("an alias of tsconfig.base.json is found from a project below it", async () => {
  const folder = folderWith({
    "tsconfig.base.json": {
      compilerOptions: { baseUrl: ".", paths: { "@org/db": ["libs/db/src/index.ts"] } },
    },
    "libs/db/src/index.ts": found,
    "apps/api/auth.ts": importing("@org/db"),
  });
  expect(await loadConfig(join(folder, "apps/api/auth.ts"))).toEqual({ models });
});

test("an alias of jsconfig.json is found by a configuration in JavaScript", async () => {
  const folder = folderWith({
    "jsconfig.json": paths("@/*", "./src/*"),
    "package.json": { type: "module" },
    "src/db.js": 'export const table = "people";',
    "auth.js": importing("@/db"),
  });
  expect(await loadConfig(join(folder, "auth.js"))).toEqual({ models });
});

test("--tsconfig names a file that nobody would look at", async () => {
  const folder = folderWith({
    ...inSrc,
    "tsconfig.json": {},
    "config/aliases.json": paths("@/*", "../src/*"),
  });
  const file = join(folder, "auth.ts");
  expect(await loadConfig(file, join(folder, "config/aliases.json"))).toEqual({ models });
  await expect(loadConfig(file, join(folder, "none.json"))).rejects.toThrow(
    /There is no file .*none\.json \(--tsconfig\)/,
  );
});

test("an import that is found nowhere is named with its file, and so is the flag that helps", async () => {
  const folder = folderWith({
    "tsconfig.json": paths("@/*", "./src/*"),
    "jsconfig.json": {},
    "deep/db.ts": `export { table } from "~/db";`,
    "auth.ts": importing("./deep/db"),
    "auth.mjs": importing("~/db"),
  });
  await expect(loadConfig(join(folder, "auth.ts"))).rejects.toThrow(
    /deep\/db\.ts imports "~\/db", which was not found: not as a package and not by the paths of .*tsconfig\.json\. .*--tsconfig FILE/,
  );
  await expect(loadConfig(join(folder, "auth.mjs"))).rejects.toThrow(
    /auth\.mjs imports "~\/db".*--tsconfig FILE/,
  );
});

test("a file that is missing is its own error, and nothing is left behind", async () => {
  const folder = folderWith({ "auth.ts": importing("./none"), "jsconfig.json": paths("@/*", "./src/*") });
  vi.stubEnv("TMPDIR", folder);
  await expect(loadConfig(join(folder, "auth.ts"))).rejects.toThrow(/Cannot find module '\.\/none'/);
  vi.unstubAllEnvs();
  expect(readdirSync(folder).filter((name) => name.startsWith("keyturn-tsconfig-"))).toEqual([]);
});
