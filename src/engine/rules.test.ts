import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { keep, show, signIn, testEngine, user } from "../../test/fixtures/sessions.js";
import { announcedExpiry, expiryAfterRotation, isExpired } from "./rules.js";

const lifespan = 3_600_000;
const moment = fc.integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 });

describe("the expiry after a rotation", () => {
  test("never falls, never runs more than a minute ahead of time, and never passes the absolute end", () => {
    const steps = fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(moment, steps, fc.option(fc.integer({ min: 0, max: 4_000_000 })), (start, gaps, end) => {
        const endsAt = end === null ? null : start + end;
        let now = start;
        const ends = endsAt === null ? Number.POSITIVE_INFINITY : Math.floor(endsAt / 1000) * 1000;
        let expiresAt = Math.min(Math.floor((now + lifespan) / 1000) * 1000, ends);
        for (const gap of gaps) {
          now += gap;
          const next = expiryAfterRotation({ expiresAt, endsAt }, now, lifespan);
          expect(next).toBeGreaterThanOrEqual(expiresAt);
          expect(next).toBeLessThanOrEqual(Math.max(now + lifespan + 60_000, expiresAt));
          expect(next).toBeLessThanOrEqual(ends);
          expect(next % 1000).toBe(0);
          expiresAt = next;
        }
      }),
    );
  });

  test("rises by a second with each rotation until it is a minute ahead, and then stays equal", () => {
    const now = 1_800_000_000_000;
    let expiresAt = now + lifespan;
    const seen = Array.from({ length: 100 }, () => {
      expiresAt = expiryAfterRotation({ expiresAt, endsAt: null }, now, lifespan);
      return (expiresAt - now - lifespan) / 1000;
    });
    expect([seen[0], seen[1], seen[59], seen[60], seen[99]]).toEqual([1, 2, 60, 60, 60]);
  });

  test("of a session that was opened under a longer lifespan stays where it is", () => {
    const now = 1_800_000_000_000;
    const expiresAt = now + 10 * lifespan;
    expect(expiryAfterRotation({ expiresAt, endsAt: null }, now, lifespan)).toBe(expiresAt);
    // And the session ends a lifespan after its last rotation all the same.
    expect(isExpired({ expiresAt, rotatedAt: now }, now + lifespan, lifespan)).toBe(true);
  });
});

test("a reset link's session announces an ordinary expiry", () => {
  const session = {
    generation: 0,
    tokenHash: "" as never,
    nonce: null,
    previousNonce: null,
    rotatedAt: 1_800_000_000_000,
    windowExtendedUntil: 0,
    expiresAt: 1_800_000_900_000,
    client: "c",
    model: "user",
    accountId: "1",
    limitedTo: "hash",
    previousUid: null,
    endsAt: 1_800_000_900_000,
  };
  const settings = { window: 5000, lifespan, sessionLifetime: null };
  expect(announcedExpiry(session, settings)).toBe(1_800_003_600);
  expect(announcedExpiry({ ...session, limitedTo: null }, settings)).toBe(1_800_000_900);
});

describe("a window of nothing", () => {
  test.each([0, 1, 250, 999])(
    "of %i ms: 300 rotations later a new sign-in is not older than a minute behind",
    async (window) => {
      const engine = await testEngine();
      const server = engine.server({
        settings: { batchRequestBufferThrottle: window, tokenLifespan: lifespan },
      });
      const account = await engine.register();
      let held = await signIn(server, account);
      for (let i = 0; i < 300; i++) {
        engine.clock.forward(window);
        const next = keep(await show(server, held));
        expect(next.expiry).toBeGreaterThanOrEqual(held.expiry);
        held = next;
      }
      const fresh = await signIn(server, account);
      expect(held.expiry - fresh.expiry).toBeLessThanOrEqual(60);
      await engine.close();
    },
  );

  test("a session that has ended is refused for as long as one asks, and never unavailable", async () => {
    const engine = await testEngine();
    const settings = { batchRequestBufferThrottle: 0, tokenLifespan: 5000 };
    const server = engine.server({ settings });
    let held = await signIn(server, await engine.register());
    for (let i = 0; i < 50; i++) held = keep(await show(server, held));
    engine.clock.forward(5000);
    const credentials = { accessToken: held.token, client: held.client, uid: held.uid };
    for (let i = 0; i < 20; i++) {
      expect(await server.authenticate([user], credentials, { address: null })).toBe("expired");
      engine.clock.forward(3000);
    }
    await engine.close();
  });
});

test("onTokenReuse that never returns does not keep a request: refused after three seconds", {
  timeout: 10_000,
}, async () => {
  const engine = await testEngine();
  const server = engine.server({ settings: { onTokenReuse: () => new Promise(() => undefined) } });
  const first = await signIn(server, await engine.register());
  let held = first;
  for (let i = 0; i < 3; i++) {
    engine.clock.forward(6000);
    held = keep(await show(server, held));
  }
  const began = performance.now();
  expect(await show(server, first)).toBeUndefined();
  expect(performance.now() - began).toBeGreaterThan(2500);
  expect(engine.events.at(-1)).toMatchObject({ name: "token.reused", reason: "reject" });
  expect(await show(server, held)).toBeDefined();
  await engine.close();
});
