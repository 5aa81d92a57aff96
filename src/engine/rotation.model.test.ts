import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { presentEngines } from "../../test/fixtures/databases.js";
import { type Answer, lifespan, type Model, predict } from "../../test/fixtures/rotation-model.js";
import {
  defaults,
  generationOf,
  overOwn,
  show,
  signIn,
  type TestEngine,
  testEngine,
  user,
} from "../../test/fixtures/sessions.js";
import type { Account } from "../accounts/models.js";
import type { SessionSettings, Sessions } from "./sessions.js";

/**
 * The table of `docs/rotation.md` §4, held against the real engine step by step: for every command both have to say the same about the
 * verdict, the token in the response, its expiry, the event and the write.
 */
interface Real {
  readonly engine: TestEngine;
  readonly servers: readonly Sessions[];
  readonly accounts: readonly Account[];
  /** What was said of tokens so far. */
  readonly verdicts: Set<string>;
}

/** How far the clock of each server is ahead of the database's. */
const skews = [0, 300_000, -300_000];

type Command = fc.AsyncCommand<Model, Real>;
/** Counts from the end, so that 0 is the latest. */
const pick = <T>(list: readonly T[], index: number): T | undefined => list.at(-1 - (index % list.length));

const command = (name: string, run: (model: Model, real: Real) => Promise<void>): Command => ({
  check: () => true,
  toString: () => name,
  async run(model, real) {
    real.engine.events.length = 0;
    real.engine.traffic.writes = 0;
    await run(model, real);
  },
});

const wait = (ms: number): Command =>
  command(`wait ${ms}`, async (model, { engine }) => {
    engine.clock.forward(ms);
    model.now = engine.clock.now;
  });

const open = (account: number): Command =>
  command(`sign in account ${account}`, async (model, { engine, servers, accounts }) => {
    const [server] = servers;
    const owner = accounts[account];
    const alive = model.sessions.filter((other) => other.alive && model.now < other.expiry * 1000);
    if (!server || !owner || alive.length >= 4) return;
    const held = await signIn(server, owner);
    const { settings, now } = model;
    // A sign-in deletes the account's expired sessions.
    for (const other of model.sessions)
      if (other.account === account && now >= other.expiry * 1000) other.alive = false;
    const end = settings.sessionLifetime === null ? Infinity : now + settings.sessionLifetime;
    const expiry = Math.floor(Math.min(now + lifespan(settings), end) / 1000);
    const young = { alive: true, n: 0, rotated: now, held: 0, began: [now], issued: [held] };
    model.sessions.push({ account, expiry, end, ...young });
    expect((await engine.store.sessions.find(user, held.client))?.session.expiresAt).toBe(expiry * 1000);
  });

/** Whoever has a copy of any token shows it: the owner, a slow tab, a thief. */
const present = (at: number, back: number, on: number): Command =>
  command(
    `show T(n-${back}) of session ${at} to server ${on}`,
    async (model, { engine, servers, verdicts }) => {
      const session = pick(model.sessions, at);
      const server = pick(servers, on);
      const copy = session?.issued.at(-1 - back);
      if (!session || !server || !copy) return;
      const before = session.issued.at(-1)?.expiry ?? 0;
      const m = generationOf(copy.token);
      const guessed =
        model.now + (pick(skews, on) ?? 0) - (session.began[m] ?? Infinity) >=
        model.settings.batchRequestBufferThrottle;
      const tied = engine.joins && guessed && model.now === session.rotated;
      const expected = predict(model, session, m, tied);
      const authentication = await show(server, copy);
      const token = authentication?.token;
      const events = engine.events.map((event) => event.name);
      const answer: Answer = {
        accepted: authentication !== undefined,
        writes: engine.traffic.writes,
        ...(token === undefined ? {} : { carries: generationOf(token) }),
        ...(events[0] ? { event: events[0] } : {}),
      };
      expect(answer).toEqual(expected);
      verdicts.add(answer.event ?? (answer.writes > 0 ? "rotated" : "accepted"));
      expect(events.length).toBeLessThan(2);
      if (!authentication) return;
      expect(authentication.expiry * 1000).toBeLessThanOrEqual(Math.min(session.expiry * 1000, session.end));
      if (session.end === Infinity) expect(authentication.expiry).toBe(session.expiry);
      if (token === undefined) return;
      const known = session.issued[session.n];
      if (known) {
        // Everything but the tag, which depends on the key that the server signs with.
        expect(token.slice(0, 58)).toBe(known.token.slice(0, 58));
        expect(authentication.expiry).toBe(known.expiry);
      } else {
        expect(authentication.expiry).toBeGreaterThan(before);
        session.issued.push({ ...copy, token, expiry: authentication.expiry });
      }
    },
  );

const holdOpen = (at: number, back: number): Command =>
  command(
    `a slow request with T(n-${back}) of session ${at} looks in`,
    async (model, { engine, servers }) => {
      const session = pick(model.sessions, at);
      const copy = session?.issued.at(-1 - back);
      const account = { id: 0, provider: "", uid: "", email: null, created_at: "", updated_at: "" };
      if (!session || !copy || !servers[0]) return;
      const stored = await engine.store.sessions.find(user, copy.client);
      if (!stored) return;
      const presented = generationOf(copy.token);
      const authentication = {
        model: user,
        account,
        session: stored.session,
        token: undefined,
        expiry: 0,
        presentedGeneration: presented,
      };
      const fresh = await servers[0].extendWindow(authentication);
      expect(fresh).toBe(session.alive && model.now < session.expiry * 1000);
      if (presented === session.n - 1) session.held = model.now + model.settings.batchRequestBufferThrottle;
    },
  );

const signOut = (at: number): Command =>
  command(`sign out session ${at}`, async (model, { engine, accounts }) => {
    const session = pick(model.sessions, at);
    const client = session?.issued[0]?.client;
    if (!session || client === undefined) return;
    const ended = await engine.store.sessions.end(user, String(accounts[session.account]?.id), client);
    expect(ended).toBe(session.alive);
    session.alive = false;
  });

const impostor = (at: number, as: number): Command =>
  command(`the token of session ${at} as session ${as}`, async ({ sessions }, { engine, servers }) => {
    const [mine, theirs] = [pick(sessions, at)?.issued.at(-1), pick(sessions, as)?.issued.at(-1)];
    if (!mine || !theirs || !servers[0] || mine.client === theirs.client) return;
    expect(await show(servers[0], { ...mine, client: theirs.client, uid: theirs.uid })).toBeUndefined();
    if (mine.uid !== theirs.uid) expect(await show(servers[0], { ...mine, uid: theirs.uid })).toBeUndefined();
    expect(engine.traffic.writes).toBe(0);
    expect(engine.events).toEqual([]);
  });

const session = fc.constantFrom(0, 0, 0, 1, 2, 3);
const server = fc.nat(2);
const w = fc.constantFrom(0, 1500, 5000);
const waits = (window: number) =>
  fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom(window, window + 1, 2 * window) },
    { weight: 10, arbitrary: fc.constantFrom(0, 1, 400, Math.max(window - 1, 0)) },
    { weight: 1, arbitrary: fc.constantFrom(20_000, 90_000) },
  );
const generations = fc.constantFrom(0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 5);
// Weighed so that most sessions live through several rotations: an expired session can only be refused.
const commands = (window: number) =>
  fc.commands(
    [
      fc.oneof(
        {
          weight: 20,
          arbitrary: fc.tuple(session, generations, server).map((one) => present(...one)),
        },
        { weight: 12, arbitrary: waits(window).map(wait) },
        { weight: 2, arbitrary: fc.nat(1).map(open) },
        { weight: 3, arbitrary: fc.tuple(session, fc.nat(2)).map((one) => holdOpen(...one)) },
        { weight: 1, arbitrary: session.map(signOut) },
        { weight: 1, arbitrary: fc.tuple(session, session).map((one) => impostor(...one)) },
      ),
    ],
    { maxCommands: 120, size: "max" },
  );

/** How many histories are tried: a statement that travels takes ten times as long as one that does not. */
const tries = { sqlite: 300, postgres: 80, mysql: 80 };

describe.each(presentEngines)("$name", ({ name, create }) => {
  test("the engine and the table say the same, step by step, over several servers, keys, clocks and thieves (properties 3–6, 10; security 4, 6, 9, 11, 12, 20)", async () => {
    const engine = await testEngine(overOwn(create));
    onTestFinished(() => engine.close());
    const accounts = [await engine.register(), await engine.register()];
    const verdicts = new Set<string>();
    const [old, young] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
    const settingsOf = fc.record({
      changeHeadersOnEachRequest: fc.constantFrom(true, true, true, true, false),
      lostResponses: fc.constantFrom("expire", "recover"),
      batchResponses: fc.constantFrom("repeat", "omit"),
      onTokenReuse: fc.constantFrom("reject", "revoke-session", "revoke-account"),
      sessionLifetime: fc.constantFrom(null, null, 90_000),
      idleTimeout: fc.constantFrom(null, null, 30_000),
    } as const);
    const scenario = w.chain((batchRequestBufferThrottle) =>
      fc.tuple(
        settingsOf.map((rest): SessionSettings => ({ ...defaults, ...rest, batchRequestBufferThrottle })),
        commands(batchRequestBufferThrottle),
      ),
    );
    await fc.assert(
      fc.asyncProperty(scenario, async ([settings, steps]) => {
        // Without a window there is no way to say in whole seconds which of several responses is the newest before an absolute end.
        const used =
          settings.batchRequestBufferThrottle > 0 ? settings : { ...settings, sessionLifetime: null };
        const servers = skews.map((skew) =>
          engine.server({ settings: used, skew, keys: skew === 0 ? [old, young] : [young, old] }),
        );
        for (const account of accounts) await engine.store.sessions.endAll(user, String(account.id));
        const model: Model = { settings: used, now: engine.clock.now, sessions: [] };
        const real: Real = { engine, servers, accounts, verdicts };
        for (const account of accounts.keys()) await open(account).run(model, real);
        await fc.asyncModelRun(() => ({ model, real }), steps);
      }),
      { numRuns: tries[name] },
    );
    // Histories in which too little happens would prove nothing.
    const all = ["accepted", "rotated", "session.expired", "token.late", "token.reused"];
    expect([...verdicts].sort()).toEqual(all);
  }, 60_000);
});
