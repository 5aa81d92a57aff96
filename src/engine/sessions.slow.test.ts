import { describe, expect, test } from "vitest";
import {
  admin,
  authentication,
  defaults,
  eventNames,
  generationOf,
  keep,
  show,
  signIn,
  testEngine,
  user,
} from "../../test/fixtures/sessions.js";

const window = defaults.batchRequestBufferThrottle;
const half = window / 2;

async function signedIn() {
  const engine = await testEngine();
  const server = engine.server();
  const account = await engine.register();
  const held = await signIn(server, account);
  engine.traffic.writes = 0;
  return { engine, server, account, held, clock: engine.clock };
}

describe("a slow request", () => {
  test("keeps the token that it came with good as long as it extends the window, and the token of its response is fresh (security 8)", async () => {
    const { server, held, clock, engine } = await signedIn();
    clock.forward(window);
    const slow = await show(server, held);
    const answer = keep(slow);
    for (let i = 0; slow && i < 12; i++) {
      clock.forward(half);
      expect(await server.extendWindow(slow)).toBe(true);
      expect(await authentication(server, held)).toEqual(answer);
    }
    clock.forward(window - 1);
    expect(await authentication(server, held)).toEqual(answer);
    clock.forward(1);
    expect(await show(server, held)).toBeUndefined();
    expect(eventNames(engine)).toEqual(["token.late"]);
    expect(generationOf((await authentication(server, answer)).token)).toBe(2);
  });

  test("that began before the rotation keeps its token good after it, and sends none of its own", async () => {
    const { server, held, clock } = await signedIn();
    const slow = await show(server, held);
    clock.forward(window);
    const next = await authentication(server, held);
    for (let i = 0; slow && i < 6; i++) {
      clock.forward(half);
      expect(await server.extendWindow(slow)).toBe(false);
      expect(await authentication(server, held)).toEqual(next);
    }
  });

  test("does not delay the next rotation, which ends what it extended", async () => {
    const { server, held, clock } = await signedIn();
    clock.forward(window);
    const slow = await show(server, held);
    const answer = keep(slow);
    if (slow) await server.extendWindow(slow);
    clock.forward(window);
    const next = await authentication(server, answer);
    expect(generationOf(next.token)).toBe(2);
    expect(slow && (await server.extendWindow(slow))).toBe(false);
    expect(await show(server, held)).toBeUndefined();
    clock.forward(window);
    expect(await show(server, answer)).toBeUndefined();
  });

  test("that extends the window late does not shorten an earlier extension", async () => {
    const { server, held, clock } = await signedIn();
    clock.forward(window);
    const slow = await show(server, held);
    clock.forward(3 * window);
    if (slow) expect(await server.extendWindow(slow)).toBe(true);
    clock.forward(window - 1);
    expect(await show(server, held)).toBeDefined();
  });

  test("of a session that was ended or has expired sends no token", async () => {
    const { engine, server, account, held, clock } = await signedIn();
    const slow = await show(server, held);
    clock.now = held.expiry * 1000 - 1;
    expect(slow && (await server.extendWindow(slow))).toBe(true);
    clock.forward(1);
    expect(slow && (await server.extendWindow(slow))).toBe(false);
    clock.forward(-window);
    await engine.store.sessions.end(user, String(account.id), held.client);
    expect(slow && (await server.extendWindow(slow))).toBe(false);
  });

  test("writes nothing while its token is the newest", async () => {
    const { engine, server, held } = await signedIn();
    const slow = await show(server, held);
    expect(slow && (await server.extendWindow(slow))).toBe(true);
    expect(engine.traffic.writes).toBe(0);
  });

  test("of one client holds nothing for another of the same account (property 5)", async () => {
    const { server, account, held, clock } = await signedIn();
    const other = await signIn(server, account);
    clock.forward(window);
    const slow = await show(server, held);
    await authentication(server, other);
    clock.forward(half);
    if (slow) await server.extendWindow(slow);
    clock.forward(half);
    expect(await show(server, held)).toBeDefined();
    expect(await show(server, other)).toBeUndefined();
  });
});

describe("renewing a session", () => {
  test("gives a token that does not follow from the old one, which is refused from then on", async () => {
    const { engine, server, account, held, clock } = await signedIn();
    const renewed = keep(await server.renew(user, account, held.client));
    expect(generationOf(renewed.token)).toBe(1);
    expect(renewed.expiry).toBeGreaterThan(held.expiry);
    expect(await show(server, held)).toBeUndefined();
    expect(eventNames(engine)).toEqual(["token.late"]);
    clock.forward(window);
    const next = await authentication(server, renewed);
    expect(generationOf(next.token)).toBe(2);
    expect(await authentication(server, renewed)).toEqual(next);
  });

  test("wins over a rotation in flight, whichever of the two writes first", async () => {
    for (const before of [1, 2, 3]) {
      const { engine, server, account, held, clock } = await signedIn();
      clock.forward(window);
      let statements = 0;
      engine.interrupt = async () => {
        if (++statements !== before) return;
        engine.interrupt = undefined;
        await authentication(server, held);
      };
      const renewed = keep(await server.renew(user, account, held.client));
      engine.interrupt = undefined;
      expect(await authentication(server, renewed)).toEqual(renewed);
      expect(await show(server, held)).toBeUndefined();
    }
  });

  test("finds nothing for another account, another model, a reset link's session, or one that has expired", async () => {
    const { server, account, held, engine, clock } = await signedIn();
    const other = await engine.register();
    const namesake = await engine.register(admin, String(account.uid));
    expect(namesake.id).toBe(account.id);
    expect(await server.renew(user, other, held.client)).toBeUndefined();
    expect(await server.renew(admin, namesake, held.client)).toBeUndefined();
    expect(await server.renew(user, account, "unknown")).toBeUndefined();
    const device = { userAgent: null, address: null, label: null };
    const limited = keep(await server.create(user, account, device, { limitedTo: "hash" }));
    expect(await server.renew(user, account, limited.client)).toBeUndefined();
    expect(await authentication(server, held)).toEqual(held);
    clock.now = held.expiry * 1000;
    expect(await server.renew(user, account, held.client)).toBeUndefined();
  });
});

test("a client that knows the uid of before an e-mail change goes on, and learns the new one (security 8)", async () => {
  const { engine, server, account, held, clock } = await signedIn();
  await engine.store.accounts.update(user, String(account.id), { email: "new@example.com" });
  expect((await show(server, held))?.account.uid).toBe("new@example.com");
  clock.forward(window);
  const next = await authentication(server, held);
  expect(next.uid).toBe("new@example.com");
  expect(await authentication(server, next)).toEqual(next);
  const late = await signIn(server, account);
  expect(await show(server, late)).toBeUndefined();
});

describe("looking at a session without rotating it", () => {
  test("a token is good for its own account, model and client as long as a request with it would be let in", async () => {
    const { engine, server, account, held, clock } = await signedIn();
    const other = await engine.register();
    const namesake = await engine.register(admin, String(account.uid));
    const valid = (token = held.token, who = account): Promise<boolean> =>
      server.isValid(user, who, token, held.client);
    expect(await valid()).toBe(true);
    expect(await valid(held.token.slice(1))).toBe(false);
    expect(await valid(held.token, other)).toBe(false);
    expect(await server.isValid(admin, namesake, held.token, held.client)).toBe(false);
    clock.forward(window);
    expect(await valid()).toBe(true);
    const next = await authentication(server, held);
    expect([await valid(), await valid(next.token)]).toEqual([true, true]);
    clock.forward(window);
    engine.traffic.writes = 0;
    expect([await valid(), await valid(next.token)]).toEqual([false, true]);
    expect([engine.traffic.writes, eventNames(engine)]).toEqual([0, []]);
    await engine.store.sessions.end(user, String(account.id), held.client);
    expect(await valid(next.token)).toBe(false);
  });

  test("a reset link's token is good for nothing but setting the password", async () => {
    const { server, account } = await signedIn();
    const device = { userAgent: null, address: null, label: null };
    const limited = keep(await server.create(user, account, device, { limitedTo: "hash" }));
    expect(await server.isValid(user, account, limited.token, limited.client)).toBe(false);
  });

  test("an authentication is made of a token that the server's own code holds, for its own account only", async () => {
    const { engine, server, account, held } = await signedIn();
    const made = await server.authenticationOf(user, account, held.token, held.client);
    expect(keep(made)).toEqual(held);
    expect(
      await server.authenticationOf(user, await engine.register(), held.token, held.client),
    ).toBeUndefined();
    expect(await server.authenticationOf(user, account, held.token, "unknown")).toBeUndefined();
  });
});
