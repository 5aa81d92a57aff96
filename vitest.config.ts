import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { privateEntries, publicEntries, root } from "./scripts/entries.mjs";

// TEST_SQLITE_DRIVER=node:sqlite: as if better-sqlite3 were not installed. Vite has an error of its own for a package that is not.
const absent =
  process.env["TEST_SQLITE_DRIVER"] === "node:sqlite"
    ? [{ find: /^better-sqlite3$/, replacement: `${root}test/fixtures/absent-package.ts` }]
    : [];

export default defineConfig({
  resolve: {
    // Tests write `keyturn/express` as an app does and get the sources, so that they never run against a stale build.
    alias: [
      ...absent,
      ...[...publicEntries(), ...privateEntries()].map(({ name, source }) => ({
        find: new RegExp(`^${name}$`),
        replacement: root + source,
      })),
    ],
  },
  test: {
    include: ["{src,test,demo,bench,docs}/**/*.test.ts"],
    // better-sqlite3 is a native addon: a process of its own for each file, not a thread.
    pool: "forks",
    // On two cores too: much of a test is waiting for a database, a browser or another process.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // For what hangs, and no judgement: machines differ by a factor of three, and some tests compile and start whole apps.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ["default", `${root}scripts/absent-services.mjs`, ...(process.env.CI ? ["json"] : [])],
    outputFile: { json: "artifacts/tests.json" },
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts"],
      exclude: ["**/*.test.ts"],
      reporter: ["text", "html"],
    },
  },
});
