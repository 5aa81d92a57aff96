import { describe, expect, test } from "vitest";
import type { Held } from "../../test/fixtures/sessions.js";
import {
  authentication,
  defaults,
  generationOf,
  keep,
  type ServerOptions,
  second,
  show,
  signedInTo,
  signIn,
  testEngine,
  user,
} from "../../test/fixtures/sessions.js";

const window = defaults.batchRequestBufferThrottle;
const engine = await testEngine();
const { clock } = engine;

const signedIn = (options?: ServerOptions) => signedInTo(engine, options);

const stored = async (held: Held) => (await engine.store.sessions.find(user, held.client))?.session;

describe("expiry", () => {
  test("slides with each rotation and not between them", async () => {
    const { server, held } = await signedIn();
    clock.forward(window - 1);
    expect((await authentication(server, held)).expiry).toBe(held.expiry);
    clock.forward(1);
    expect((await authentication(server, held)).expiry).toBe(
      Math.floor((clock.now + defaults.tokenLifespan) / 1000),
    );
  });

  test("rises with each generation in whole seconds, however fast they follow and whatever the clock does", async () => {
    const { server, held } = await signedIn({ settings: { batchRequestBufferThrottle: 0 } });
    let newest = held;
    for (const ms of [0, 0, 1, 999, 1, 1000, 10_000, -20_000, 0, 1]) {
      clock.forward(ms);
      const next = await authentication(server, newest);
      expect(Number.isInteger(next.expiry)).toBe(true);
      const rotated = next.token !== newest.token;
      expect(rotated ? next.expiry > newest.expiry : next.expiry === newest.expiry).toBe(true);
      newest = next;
    }
    expect(generationOf(newest.token)).toBe(7);
  });

  test("the server decides: a session expires at its expiry, not a moment later (security 4, 11)", async () => {
    const { server, held } = await signedIn();
    clock.now = held.expiry * second;
    expect(await show(server, { ...held, expiry: held.expiry + 1000 })).toBeUndefined();
    expect(engine.events.map((event) => event.name)).toEqual(["session.expired"]);
    expect(engine.traffic.writes).toBe(0);
    clock.forward(-1);
    expect(await show(server, held)).toBeDefined();
  });

  test("an idle timeout ends a session that was not used for so long (security 11)", async () => {
    const { server, held } = await signedIn({ settings: { idleTimeout: 60 * second } });
    clock.forward(59 * second);
    const used = await authentication(server, held);
    clock.forward(59 * second);
    const again = await authentication(server, used);
    clock.forward(60 * second);
    expect(await show(server, again)).toBeUndefined();
  });

  test("an idle timeout is kept also when many rotations have pushed the expiry past it (security 11)", async () => {
    const { server, held } = await signedIn({
      settings: { idleTimeout: 10 * second, batchRequestBufferThrottle: 0 },
    });
    let newest = held;
    for (let i = 0; i < 50; i++) newest = await authentication(server, newest);
    clock.forward(10 * second);
    expect(await show(server, newest)).toBeUndefined();
  });

  test("no rotation takes a session past its absolute end (security 11)", async () => {
    const lifetime = 600 * second;
    const { server, held } = await signedIn({ settings: { sessionLifetime: lifetime } });
    const end = clock.now + lifetime;
    let newest = held;
    while (clock.now + window < end) {
      clock.forward(window);
      newest = await authentication(server, newest);
      expect(newest.expiry * second).toBeLessThanOrEqual(end);
    }
    expect((await stored(newest))?.expiresAt).toBe(end - (end % second));
    clock.now = end;
    expect(await show(server, newest)).toBeUndefined();
  });

  test("rises with each generation also where the absolute end is nearer than the lifespan", async () => {
    const { server, held } = await signedIn({ settings: { sessionLifetime: 600 * second } });
    let newest = held;
    for (let i = 0; i < 100; i++) {
      clock.forward(window);
      const next = await authentication(server, newest);
      expect(next.expiry).toBeGreaterThan(newest.expiry);
      newest = next;
    }
  });

  test("keeps a second free for each rotation that can still come before the absolute end, and never says more than that end", async () => {
    const lifetime = 600 * second;
    clock.now += 999 - (clock.now % second);
    const { server, held } = await signedIn({ settings: { sessionLifetime: lifetime } });
    const end = clock.now + lifetime;
    expect(held.expiry).toBe(Math.floor((end - lifetime / 5) / second));
    clock.now = end - 300 * second;
    const half = await authentication(server, held);
    expect(half.expiry).toBe(Math.floor((end - 60 * second) / second));
    // A rotation in the last second in which the session lives.
    clock.now = Math.floor(end / second) * second - 1;
    expect((await authentication(server, half)).expiry).toBe(Math.floor(end / second));
  });

  test("a session of a reset link announces no later end than the session that becomes of it", async () => {
    const settings = { idleTimeout: 600 * second };
    const server = engine.server({ settings });
    const account = await engine.register();
    const limited = keep(
      await server.create(
        user,
        account,
        { userAgent: null, address: null, label: null },
        { limitedTo: "hash" },
      ),
    );
    expect(limited.expiry * second).toBeLessThanOrEqual(clock.now + settings.idleTimeout);
  });

  test("is the row's own where the window is a second or less: a second for each rotation would leave nothing", async () => {
    for (const batchRequestBufferThrottle of [0, 500, 1000]) {
      const settings = { sessionLifetime: 600 * second, batchRequestBufferThrottle };
      const { held } = await signedIn({ settings });
      expect(held.expiry).toBe(Math.floor((clock.now + settings.sessionLifetime) / second));
    }
  });

  test("is the row's own for sessions of before or after there was a setting for the absolute end", async () => {
    const [without, within] = [
      engine.server(),
      engine.server({ settings: { sessionLifetime: 600 * second } }),
    ];
    const account = await engine.register();
    const before = await signIn(without, account);
    expect(await authentication(within, before)).toEqual(before);
    const after = await signIn(within, account);
    const end = Math.floor((clock.now + 600 * second) / second);
    expect((await authentication(without, after)).expiry).toBe(end);
  });

  test("of a reset link's session is an ordinary one's for clients, and a quarter of an hour away in the row", async () => {
    const server = engine.server();
    const device = { userAgent: null, address: null, label: null };
    const account = await engine.register();
    const limited = keep(await server.create(user, account, device, { limitedTo: "hash" }));
    expect(limited.expiry).toBe(Math.floor((clock.now + 14 * 24 * 3600 * second) / second));
    expect((await stored(limited))?.endsAt).toBe(clock.now + 900 * second);
  });
});
