import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { presentEngines } from "../../test/fixtures/databases.js";
import {
  authentication,
  defaults,
  eventNames,
  generationOf,
  keep,
  overOwn,
  show,
  signIn,
  type TestEngine,
  testEngine,
  user,
} from "../../test/fixtures/sessions.js";
import type { Authentication } from "./authentication.js";

const window = defaults.batchRequestBufferThrottle;
const modes = ["expire", "recover"] as const;

const tokensOf = (accepted: readonly (Authentication | undefined)[]): Set<string> =>
  new Set(accepted.map((one) => keep(one).token));

describe.each(presentEngines)("$name", ({ create }) => {
  const opened = async (): Promise<TestEngine> => {
    const engine = await testEngine(overOwn(create));
    onTestFinished(() => engine.close());
    return engine;
  };

  describe("N requests with one token", () => {
    const sizes = [2, 3, 10, 100];
    const cases = modes.flatMap((mode) =>
      sizes.flatMap((n) => [1, 2, 4].map((servers) => ({ mode, n, servers }))),
    );

    test.each(cases)(
      "$n over $servers servers, $mode: all succeed, all responses agree, one write (security 7)",
      async ({ mode, n, servers }) => {
        const engine = await opened();
        const pool = Array.from({ length: servers }, (_, i) =>
          engine.server({ settings: { lostResponses: mode }, skew: (i - 1) * 300_000 }),
        );
        const [any = engine.server()] = pool;
        const held = await signIn(any, await engine.register());
        engine.clock.forward(window);
        engine.traffic.writes = 0;
        const accepted = await Promise.all(
          Array.from({ length: n }, (_, i) => show(pool[i % servers] ?? any, held)),
        );
        const tokens = [...tokensOf(accepted)];
        expect(tokens.map(generationOf)).toEqual([1]);
        expect(new Set(accepted.map((one) => one?.expiry)).size).toBe(1);
        expect(engine.traffic.writes).toBe(1);
        expect(eventNames(engine)).toEqual([]);
        engine.clock.forward(window);
        expect(generationOf((await authentication(any, keep(accepted[0]))).token)).toBe(2);
      },
    );

    test("in every order of their statements, and while some are held up for most of the window (security 7)", async () => {
      const engine = await opened();
      const account = await engine.register();
      await fc.assert(
        fc.asyncProperty(
          fc.scheduler(),
          fc.integer({ min: 2, max: 6 }),
          fc.constantFrom(...modes),
          async (scheduler, n, mode) => {
            const servers = [0, 1].map((i) =>
              engine.server({ settings: { lostResponses: mode }, skew: i * 300_000 }),
            );
            const [one = engine.server(), two = one] = servers;
            const held = await signIn(one, account);
            engine.clock.forward(window);
            engine.traffic.writes = 0;
            engine.events.length = 0;
            engine.interrupt = (sql) => scheduler.schedule(Promise.resolve(), sql.slice(0, 6));
            const answers = Promise.all(Array.from({ length: n }, (_, i) => show(i % 2 ? two : one, held)));
            // Time passes between the statements, but the last of them still comes within the window.
            const step = Math.floor((window - 1) / (3 * n));
            for (let i = 0; scheduler.count() > 0; i++) {
              await scheduler.waitOne();
              await engine.quiet();
              if (i < 3 * n) engine.clock.forward(step);
            }
            engine.interrupt = undefined;
            const tokens = [...tokensOf(await answers)];
            expect(tokens.map(generationOf)).toEqual([1]);
            expect(engine.traffic.writes).toBe(1);
            expect(engine.events).toEqual([]);
          },
        ),
        { numRuns: 60 },
      );
    });

    test.each(modes)(
      "without a window, %s: whoever read the row in time and lost the race is accepted (security 7)",
      async (mode) => {
        const engine = await opened();
        // One server guesses the rotation from the token, the other finds it in the row because its clock is behind.
        for (const skew of [0, -300_000]) {
          const server = engine.server({
            settings: { batchRequestBufferThrottle: 0, lostResponses: mode },
            skew,
          });
          const held = await signIn(server, await engine.register());
          engine.traffic.writes = 0;
          // All of them read the row in time: on a busy machine a connection may open later than another one's rotation is done.
          engine.interrupt = async (sql) => {
            if (sql.startsWith("update")) await engine.quiet();
          };
          const accepted = await Promise.all(Array.from({ length: 20 }, () => show(server, held)));
          engine.interrupt = undefined;
          expect([...tokensOf(accepted)].map(generationOf)).toEqual([1]);
          expect(engine.traffic.writes).toBe(1);
          // Where one statement verifies and rotates, a request of that very millisecond may have lost the race.
          const tied = engine.joins && skew === 0;
          expect((await show(server, held)) === undefined).toBe(mode === "expire" && !tied);
          engine.clock.forward(1);
          expect((await show(server, held)) === undefined).toBe(mode === "expire");
        }
      },
    );

    test("omit: exactly one of their responses carries the token, and none of those who lost the race", async () => {
      const engine = await opened();
      const server = engine.server({ settings: { batchResponses: "omit" } });
      const held = await signIn(server, await engine.register());
      engine.clock.forward(window);
      const accepted = await Promise.all(Array.from({ length: 50 }, () => show(server, held)));
      expect(accepted.every((one) => one !== undefined)).toBe(true);
      expect(accepted.flatMap((one) => one?.token ?? []).map(generationOf)).toEqual([1]);
    });

    test("a loser that was held up past the window is accepted all the same: it came in time", async () => {
      const engine = await opened();
      const [server, faster] = [engine.server(), engine.server()];
      const held = await signIn(server, await engine.register());
      engine.clock.forward(window);
      engine.interrupt = async (sql) => {
        if (!sql.startsWith("update")) return;
        engine.interrupt = undefined;
        await authentication(faster, held);
        engine.clock.forward(10 * window);
      };
      expect(generationOf((await authentication(server, held)).token)).toBe(1);
      expect(eventNames(engine)).toEqual([]);
    });
  });

  describe("clients and accounts side by side", () => {
    test("two clients of one account rotate on their own, also at the same moment (property 5)", async () => {
      const engine = await opened();
      const server = engine.server();
      const account = await engine.register();
      let [one, two] = [await signIn(server, account), await signIn(server, account)];
      for (let i = 0; i < 3; i++) {
        engine.clock.forward(window);
        [one, two] = await Promise.all([authentication(server, one), authentication(server, two)]);
      }
      engine.clock.forward(window);
      one = await authentication(server, one);
      expect([one, two].map((held) => generationOf(held.token))).toEqual([4, 3]);
      await engine.store.sessions.end(user, String(account.id), one.client);
      expect(await show(server, one)).toBeUndefined();
      expect(generationOf((await authentication(server, two)).token)).toBe(4);
    });

    test("a token of one client or account is none with the client or uid of another (property 5)", async () => {
      const engine = await opened();
      const server = engine.server();
      const mine = await signIn(server, await engine.register());
      const theirs = await signIn(server, await engine.register());
      expect(await show(server, { ...mine, client: theirs.client })).toBeUndefined();
      expect(await show(server, { ...mine, client: theirs.client, uid: theirs.uid })).toBeUndefined();
      engine.clock.forward(window);
      engine.traffic.writes = 0;
      expect(await show(server, { ...mine, uid: theirs.uid })).toBeUndefined();
      expect(await show(server, { ...mine, uid: mine.uid.toUpperCase() })).toBeUndefined();
      expect(await show(server, { ...mine, uid: "" })).toBeUndefined();
      expect(engine.traffic.writes).toBe(0);
      expect((await show(server, mine))?.account.uid).toBe(mine.uid);
    });

    test("an account cannot open a session under the id of another's (property 5)", async () => {
      const engine = await opened();
      const server = engine.server();
      const mine = await signIn(server, await engine.register());
      const other = await engine.register();
      const taken = server.create(
        user,
        other,
        { userAgent: null, address: null, label: null },
        { client: mine.client },
      );
      await expect(taken).rejects.toThrow();
      expect((await show(server, mine))?.account.uid).toBe(mine.uid);
    });
  });

  describe("the device limit", () => {
    test("sign-ins at the same moment all succeed, and the last ones stay (security 17)", async () => {
      const engine = await opened();
      const servers = [1, 2].map(() => engine.server({ settings: { maxNumberOfDevices: 3 } }));
      const [one = engine.server(), two = one] = servers;
      const account = await engine.register();
      const held = await Promise.all(
        Array.from({ length: 20 }, (_, i) => signIn(i % 2 ? one : two, account)),
      );
      const listed = await engine.store.sessions.list(user, String(account.id));
      expect(listed).toHaveLength(3);
      expect(listed.map(({ client }) => client)).toContain(held.at(-1)?.client);
    });

    test("the longest unused session goes, never the one just made (security 17)", async () => {
      const engine = await opened();
      const server = engine.server({ settings: { maxNumberOfDevices: 2 } });
      const account = await engine.register();
      const first = await signIn(server, account);
      engine.clock.forward(window);
      const second = await signIn(server, account);
      engine.clock.forward(window);
      const used = await authentication(server, first);
      const third = await signIn(server, account);
      expect(await show(server, second)).toBeUndefined();
      expect(await show(server, used)).toBeDefined();
      expect(await show(server, third)).toBeDefined();
    });
  });

  test("a clock that runs backwards during every rotation ends in an error that says so, not in a loop", async () => {
    const engine = await opened();
    const server = engine.server({ skew: -300_000 });
    const held = await signIn(server, await engine.register());
    engine.clock.forward(window);
    // Due whenever it is judged, not due whenever it is to be written.
    let reads = 0;
    engine.interrupt = async () => engine.clock.forward(reads++ % 2 === 0 ? -1 : 1);
    await expect(show(server, held)).rejects.toMatchObject({ code: "unavailable" });
    expect(reads).toBe(6);
  });
});
