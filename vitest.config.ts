import { defineConfig } from "vitest/config";
import { privateEntries, publicEntries, root } from "./scripts/entries.mjs";

export default defineConfig({
  resolve: {
    // Tests write `keyturn/express` as an app does and get the sources, so that they never run against a stale build.
    alias: [...publicEntries(), ...privateEntries()].map(({ name, source }) => ({
      find: new RegExp(`^${name}$`),
      replacement: root + source,
    })),
  },
  test: {
    include: ["{src,test,demo,bench,docs}/**/*.test.ts"],
    // better-sqlite3 is a native addon: a process of its own for each file, not a thread.
    pool: "forks",
    testTimeout: 20_000,
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
