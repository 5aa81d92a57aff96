import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Schedule, simulateClient, startSimulated } from "../../test/fixtures/client-network.js";
import { calmSchedule, wildSchedule } from "../../test/fixtures/client-schedules.js";
import type { TestServer } from "../../test/fixtures/client-world.js";

/** `npm run simulate:client` runs more of the same. */
const runs = Number(process.env["CLIENT_SCHEDULES"] ?? 60);
const seed = Number(process.env["CLIENT_SEED"] ?? 20_260_101);
const settings = (name: string) => {
  console.log(`${name}: ${runs} schedules, seed ${seed}`);
  return { numRuns: runs, seed, endOnFailure: true };
};

describe.each(["recover", "expire"] as const)("%s", (mode) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startSimulated(mode);
  });
  afterAll(() => server.auth.close());
  const check = (
    schedule: fc.Arbitrary<Schedule>,
    name: string,
    judge: (result: Result, of: Schedule) => void,
  ) =>
    fc.assert(
      fc.asyncProperty(schedule, async (one) => judge(await simulateClient(server, one), one)),
      settings(name),
    );

  if (mode === "recover")
    test("nobody is ever logged out, whatever the network loses, delays, doubles and reorders", async () => {
      let requests = 0;
      await check(wildSchedule, "recover", (result, { tabs }) => {
        requests += result.requests;
        expect(result.signedOut).toEqual([]);
        expect(result.atEnd).toEqual(Array.from({ length: tabs }, () => 200));
      });
      expect(requests).toBeGreaterThan(runs * 10);
    }, 7_200_000);
  else {
    test("nobody is logged out as long as a response arrives within the window", async () => {
      await check(calmSchedule, "expire, calm", (result, { tabs }) => {
        expect(result.signedOut).toEqual([]);
        expect(result.atEnd).toEqual(Array.from({ length: tabs }, () => 200));
      });
    }, 7_200_000);

    test("who is logged out had no response with the successor within the window", async () => {
      let ended = 0;
      await check(wildSchedule, "expire, wild", ({ signedOut }) => {
        ended += signedOut.length;
        expect(signedOut.filter(({ couldNotKnow }) => !couldNotKnow)).toEqual([]);
      });
      // The weather is bad enough to show it.
      expect(ended).toBeGreaterThan(0);
    }, 7_200_000);
  }
});

type Result = Awaited<ReturnType<typeof simulateClient>>;
