import { afterAll, beforeAll, expect, test } from "vitest";
import { buildServer } from "../chaos/build.js";
import { runChaos } from "../chaos/chaos.js";
import { type EngineName, engineNames } from "../chaos/databases.js";
import { root } from "../scripts/entries.mjs";

const servers: Readonly<Record<EngineName, string | undefined>> = {
  sqlite: "a file",
  postgres: process.env["TEST_POSTGRES_URL"],
  mysql: process.env["TEST_MYSQL_URL"],
};
let built: Awaited<ReturnType<typeof buildServer>>;

beforeAll(async () => {
  built = await buildServer(root);
});
afterAll(() => built.remove());

// The short version of `npm run chaos`, which takes minutes and a seed.
for (const engine of engineNames) {
  test.skipIf(servers[engine] === undefined)(
    `four servers over ${engine}, killed at random with their connections: nobody honest is refused, answers agree, nothing that ended comes back (security 7, 47; properties 1, 2, 4, 6, 8)`,
    { timeout: 60_000 },
    async () => {
      const tally = await runChaos({ engine, server: built.server, seconds: 7, seed: 7, kills: true });
      expect(tally?.violations).toEqual([]);
      expect(tally?.sessionsLost).toBe(0);
      // Or it has shown nothing.
      expect(tally?.rotations).toBeGreaterThan(20);
      expect(tally?.serversKilled).toBeGreaterThan(0);
      expect(tally?.refused).toBeGreaterThan(0);
    },
  );
}
