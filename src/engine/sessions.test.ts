import { describe, expect, test } from "vitest";
import {
  authentication,
  day,
  defaults,
  firstKey,
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

describe("how often a token changes", () => {
  test("the first request within the window after sign-in keeps the token", async () => {
    const { server, held } = await signedIn();
    clock.forward(window - 1);
    expect((await authentication(server, held)).token).toBe(held.token);
    expect(engine.traffic.writes).toBe(0);
  });

  test("a client that asks every 4 s is given new tokens with a window of 5 s", async () => {
    const { server, held } = await signedIn();
    const generations: number[] = [];
    for (let newest = held, i = 0; i < 6; i++) {
      clock.forward(4 * second);
      newest = await authentication(server, newest);
      generations.push(generationOf(newest.token));
    }
    expect(generations).toEqual([0, 1, 1, 2, 2, 3]);
  });

  test("at most once in a window, measured from the rotation, however often the client asks", async () => {
    const { server, held } = await signedIn();
    const rotations: number[] = [];
    for (let newest = held, i = 0; i < 400; i++) {
      clock.forward(100);
      const next = await authentication(server, newest);
      if (next.token !== newest.token) rotations.push(clock.now);
      newest = next;
    }
    const gaps = rotations.slice(1).map((time, i) => time - (rotations[i] ?? 0));
    expect(gaps).toEqual(new Array(7).fill(window));
    expect(engine.traffic.writes).toBe(8);
  });

  test("changeHeadersOnEachRequest: false repeats the token and its expiry and never writes", async () => {
    const { server, held } = await signedIn({ settings: { changeHeadersOnEachRequest: false } });
    for (const ms of [0, window, day, 12 * day]) {
      clock.forward(ms);
      expect(await authentication(server, held)).toEqual(held);
    }
    expect(engine.traffic).toEqual({ statements: 4, writes: 0 });
    clock.forward(2 * day);
    expect(await show(server, held)).toBeUndefined();
  });

  test("a rotation that is due is guessed from the token: one read, one write, nothing else", async () => {
    const { server, held } = await signedIn();
    clock.forward(window);
    await authentication(server, held);
    expect(engine.traffic).toEqual({ statements: 2, writes: 1 });
  });
});

describe("batch responses", () => {
  test("repeat: every response of a batch carries the newest token and the same expiry", async () => {
    const { server, held } = await signedIn();
    clock.forward(window);
    const first = await authentication(server, held);
    clock.forward(window - 1);
    expect(await authentication(server, held)).toEqual(first);
    expect(await authentication(server, first)).toEqual(first);
  });

  test("omit: only the response that rotated carries a token; batch responses still know account and expiry", async () => {
    const { server, held } = await signedIn({ settings: { batchResponses: "omit" } });
    expect((await show(server, held))?.token).toBeUndefined();
    clock.forward(window);
    const first = await authentication(server, held);
    for (const shown of [held, first]) {
      const answer = await show(server, shown);
      expect(answer?.token).toBeUndefined();
      expect(answer).toMatchObject({ expiry: first.expiry, account: { uid: held.uid } });
    }
  });

  test("omit: unbatch asks for a token in a batch and gets the newest one", async () => {
    const { server, held } = await signedIn({ settings: { batchResponses: "omit" } });
    expect(keep(await show(server, held, { unbatch: true }))).toEqual(held);
    clock.forward(window);
    const first = await authentication(server, held);
    expect(keep(await show(server, held, { unbatch: true }))).toEqual(first);
    expect(engine.traffic.writes).toBe(1);
  });

  test("omit: a client whose response was lost gets the token again once the window is over, with recover", async () => {
    const { server, held } = await signedIn({
      settings: { batchResponses: "omit", lostResponses: "recover" },
    });
    clock.forward(window);
    const lost = await authentication(server, held);
    clock.forward(window);
    expect(await authentication(server, held)).toEqual(lost);
  });
});

describe("a session from a reset link", () => {
  test("lets in only who asks for limited sessions, and never rotates", async () => {
    const server = engine.server();
    const account = await engine.register();
    const limited = keep(
      await server.create(
        user,
        account,
        { userAgent: null, address: null, label: null },
        { limitedTo: "hash" },
      ),
    );
    for (const ms of [0, window, 10 * window]) {
      clock.forward(ms);
      expect(await show(server, limited)).toBeUndefined();
      expect((await show(server, limited, { limited: true }))?.token).toBe(limited.token);
    }
  });
});

describe("server keys", () => {
  const [old, young] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];

  test("a new key is put first without logging anyone out; the old one goes once the tokens have rotated", async () => {
    const { held } = await signedIn({ keys: [old] });
    const both = engine.server({ keys: [young, old] });
    expect(await authentication(both, held)).toEqual(held);
    clock.forward(window);
    const next = await authentication(both, held);
    const after = engine.server({ keys: [young] });
    expect(await authentication(after, next)).toEqual(next);
    expect(await show(after, held)).toBeUndefined();
  });

  test("servers that sign with different keys of one list take each other's tokens", async () => {
    const { held } = await signedIn({ keys: [old] });
    const [one, two] = [engine.server({ keys: [old, young] }), engine.server({ keys: [young, old] })];
    let newest = held;
    for (const server of [two, one, two, one]) {
      clock.forward(window);
      newest = await authentication(server, newest);
    }
    expect(generationOf(newest.token)).toBe(4);
    expect(generationOf((await authentication(two, newest)).token)).toBe(4);
  });
});

test("servers whose clocks differ by five minutes behave as one (security 20)", async () => {
  const skews = [0, 300 * second, -300 * second];
  const { held } = await signedIn();
  const reference: number[] = [];
  const seen: number[] = [];
  for (const servers of [
    [engine.server({ keys: [firstKey] })],
    skews.map((skew) => engine.server({ skew })),
  ]) {
    const account = await engine.register();
    const generations = servers.length === 1 ? reference : seen;
    const [any = engine.server()] = servers;
    let newest = await signIn(any, account);
    for (let i = 0; i < 60; i++) {
      clock.forward(((i * 37) % 8) * 500);
      newest = await authentication(servers[i % servers.length] ?? any, newest);
      generations.push(generationOf(newest.token));
    }
  }
  expect(held.token).toBeDefined();
  expect(seen).toEqual(reference);
  expect(engine.events.filter((event) => event.name !== "session.created")).toEqual([]);
});
