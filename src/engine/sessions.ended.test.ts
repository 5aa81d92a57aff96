import { describe, expect, onTestFinished, test } from "vitest";
import { presentEngines } from "../../test/fixtures/databases.js";
import {
  admin,
  authentication,
  day,
  defaults,
  eventNames,
  generationOf,
  type Held,
  keep,
  overOwn,
  show,
  signIn,
  type TestEngine,
  testEngine,
  user,
} from "../../test/fixtures/sessions.js";
import type { Account } from "../accounts/models.js";

const window = defaults.batchRequestBufferThrottle;

/** Everything that ends sessions, as another process would do it. */
const endings: Record<string, (engine: TestEngine, account: Account, held: Held) => Promise<unknown>> = {
  "sign-out": ({ store }, account, held) => store.sessions.end(user, String(account.id), held.client),
  "revoking the account's sessions": ({ store }, account) => store.sessions.endAll(user, String(account.id)),
  "revoking all sessions of the model": ({ store }) => store.sessions.endModel(user),
  "a password change": ({ store }, account) =>
    store.accounts.update(user, String(account.id), {
      password: { hash: "new", keep: null, endOthers: true },
    }),
  "a password reset": async ({ store }, account) => {
    const accountId = String(account.id);
    const hash = `reset of ${accountId}`;
    const ticket = { hash, kind: "password_reset", accountId, email: null, lifespan: day } as const;
    await store.tickets.issue(user, ticket);
    const change = { hash: "new", keep: null, endOthers: true };
    await store.tickets.resetPassword(user, hash, change, {
      lifespan: day,
      lifetime: null,
      endIdentities: true,
    });
  },
  "deleting the account": ({ store }, account) => store.accounts.delete(user, String(account.id)),
};

describe.each(presentEngines)("$name", ({ create }) => {
  const opened = async (): Promise<TestEngine> => {
    const engine = await testEngine(overOwn(create));
    onTestFinished(() => engine.close());
    return engine;
  };

  describe.each(Object.entries(endings))("%s", (_name, end) => {
    test("takes effect on every process at once (security 12, 13, 14, 16)", async () => {
      const engine = await opened();
      const [one, two] = [engine.server(), engine.server({ skew: -300_000 })];
      const account = await engine.register();
      const held = await signIn(one, account);
      engine.clock.forward(window);
      const next = await authentication(two, held);
      await end(engine, account, held);
      engine.traffic.writes = 0;
      for (const ms of [0, window]) {
        engine.clock.forward(ms);
        for (const shown of [held, next])
          for (const server of [one, two]) expect(await show(server, shown)).toBeUndefined();
      }
      expect(engine.traffic.writes).toBe(0);
    });

    test("is not undone by a rotation in flight, whichever of its statements it comes before (security 12, 13, 14)", async () => {
      // Ahead: the rotation is guessed from the token. Behind: it is found in the row.
      for (const skew of [0, -300_000]) {
        for (const before of [1, 2, 3, 4]) {
          const engine = await opened();
          const server = engine.server({ skew, settings: { lostResponses: "recover" } });
          const account = await engine.register();
          const held = await signIn(server, account);
          engine.clock.forward(window);
          let statements = 0;
          engine.interrupt = async () => {
            if (++statements !== before) return;
            engine.interrupt = undefined;
            await end(engine, account, held);
          };
          const inFlight = await show(server, held);
          engine.interrupt = undefined;
          const whole = (engine.joins ? 1 : 2) + (skew === 0 ? 0 : 1);
          if (before > whole) {
            expect(statements).toBe(whole);
            await end(engine, account, held);
          } else expect(inFlight).toBeUndefined();
          for (const shown of inFlight ? [held, keep(inFlight)] : [held])
            expect(await show(server, shown)).toBeUndefined();
          expect(await engine.store.sessions.find(user, held.client)).toBeUndefined();
        }
      }
    });

    test("is not undone by rotations that are in the database at that very moment (security 12, 13, 14)", async () => {
      const engine = await opened();
      const settings = { lostResponses: "recover" } as const;
      const [one, two] = [engine.server({ settings }), engine.server({ settings, skew: -300_000 })];
      for (let round = 0; round < 10; round++) {
        const account = await engine.register();
        const held = await signIn(one, account);
        engine.clock.forward(window);
        const batch = () => [one, two].map((server) => show(server, held));
        const early = batch();
        const [, ...accepted] = await Promise.all([end(engine, account, held), ...early, ...batch()]);
        for (const shown of [held, ...accepted.flatMap((one) => (one ? [keep(one)] : []))])
          expect(await show(one, shown)).toBeUndefined();
        expect(await engine.store.sessions.find(user, held.client)).toBeUndefined();
      }
    });
  });

  test("a password change leaves the session that asked for it, and only that one (security 14)", async () => {
    const engine = await opened();
    const server = engine.server();
    const account = await engine.register();
    const [mine, other] = [await signIn(server, account), await signIn(server, account)];
    const stranger = await signIn(server, await engine.register());
    const change = { hash: "new", keep: mine.client, endOthers: true };
    await engine.store.accounts.update(user, String(account.id), { password: change });
    expect(await show(server, mine)).toBeDefined();
    expect(await show(server, other)).toBeUndefined();
    expect(await show(server, stranger)).toBeDefined();
  });

  test("no session is opened for an account that was deleted a moment ago (security 13)", async () => {
    const engine = await opened();
    const server = engine.server();
    const account = await engine.register();
    await engine.store.accounts.delete(user, String(account.id));
    await expect(signIn(server, account)).rejects.toMatchObject({ code: "invalid_credentials" });
    expect(engine.events).toEqual([]);
  });

  test("ending one model's sessions leaves those of another, whose accounts may have the same ids and uids (property 5)", async () => {
    const engine = await opened();
    const server = engine.server();
    const mine = await signIn(server, await engine.register(user, "same@example.com"));
    const theirs = await signIn(server, await engine.register(admin, "same@example.com"), admin);
    await engine.store.sessions.endAll(user, "1");
    await engine.store.sessions.endModel(user);
    expect(await show(server, mine)).toBeUndefined();
    expect(await show(server, theirs, { models: [user, admin] })).toMatchObject({ model: admin });
  });

  /** A session whose owner is at generation 3, and the token of generation 0 that somebody kept. */
  async function stolen(onTokenReuse: (typeof defaults)["onTokenReuse"]) {
    const engine = await opened();
    const server = engine.server({ settings: { onTokenReuse } });
    const account = await engine.register();
    const [copy, elsewhere] = [await signIn(server, account), await signIn(server, account)];
    let owner = copy;
    for (let i = 0; i < 3; i++) {
      engine.clock.forward(window);
      owner = await authentication(server, owner);
    }
    const credentials = { accessToken: copy.token, client: copy.client, uid: copy.uid };
    const replay = (): Promise<unknown> =>
      server.authenticate([user], credentials, { address: "203.0.113.9" });
    const alive = async (held: Held): Promise<boolean> => (await show(server, held)) !== undefined;
    return { engine, account, replay, owner, elsewhere, alive };
  }

  describe("a replayed older token (security 9)", () => {
    test("is refused and reported also when the app's own function fails", async () => {
      const { engine, replay, owner, alive } = await stolen(() => {
        throw new Error("offline");
      });
      expect(await replay()).toBe("reused");
      expect(eventNames(engine).at(-1)).toBe("token.reused");
      expect(await alive(owner)).toBe(true);
    });

    const reactions = {
      reject: { owner: true, elsewhere: true },
      "revoke-session": { owner: false, elsewhere: true },
      "revoke-account": { owner: false, elsewhere: false },
    } as const;
    const names = Object.keys(reactions) as (keyof typeof reactions)[];

    test.each(names)("is refused and reported, and %s is done about it", async (reaction) => {
      for (const setting of [reaction, () => reaction, async () => reaction]) {
        const { engine, account, replay, owner, elsewhere, alive } = await stolen(setting);
        expect(await replay()).toBe("reused");
        expect(engine.events.at(-1)).toEqual({
          name: "token.reused",
          owasp: "authn_token_reuse",
          at: new Date(engine.clock.now).toISOString(),
          model: "user",
          accountId: String(account.id),
          client: owner.client,
          address: "203.0.113.9",
          reason: reaction,
        });
        expect(eventNames(engine)).toEqual(["token.reused"]);
        expect({ owner: await alive(owner), elsewhere: await alive(elsewhere) }).toEqual(reactions[reaction]);
      }
    });

    test("is told to a function, which may leave it at that", async () => {
      const told: unknown[] = [];
      const { engine, replay, owner, alive } = await stolen((event) => void told.push(event));
      await replay();
      const { reason, ...event } = engine.events.at(-1) ?? { reason: undefined };
      expect(reason).toBe("reject");
      expect(told).toEqual([event]);
      expect(await alive(owner)).toBe(true);
    });

    test("is reported each time it is shown, and no token is in any event", async () => {
      const { engine, replay, owner } = await stolen("reject");
      for (let i = 0; i < 5; i++) await replay();
      expect(eventNames(engine)).toEqual(new Array(5).fill("token.reused"));
      expect(JSON.stringify(engine.events)).not.toContain(owner.token.slice(16, 60));
    });
  });

  describe("what is not a replay", () => {
    test("the predecessor after its window is late: reported, and the session goes on whatever is done about reuse", async () => {
      const engine = await opened();
      const server = engine.server({ settings: { onTokenReuse: "revoke-account" } });
      const held = await signIn(server, await engine.register());
      engine.clock.forward(window);
      const next = await authentication(server, held);
      engine.clock.forward(window);
      expect(await show(server, held)).toBeUndefined();
      expect(eventNames(engine)).toEqual(["token.late"]);
      expect(await show(server, next)).toBeDefined();
    });

    test("a token ahead of a restored database, or forged with the server's key, is reported and changes nothing", async () => {
      const engine = await opened();
      const server = engine.server({ settings: { onTokenReuse: "revoke-account" } });
      const account = await engine.register();
      const held = await signIn(server, account);
      const { client } = held;
      const hash = (await engine.store.sessions.find(user, client))?.session.tokenHash;
      await engine.store.sessions.end(user, String(account.id), client);
      await server.create(user, account, { userAgent: null, address: null, label: null }, { client });
      expect((await engine.store.sessions.find(user, client))?.session.tokenHash).not.toBe(hash);
      expect(await show(server, held)).toBeUndefined();
      const older = await signIn(server, account);
      engine.clock.forward(window);
      const newer = await authentication(server, older);
      await engine.store.sessions.end(user, String(account.id), older.client);
      await server.create(
        user,
        account,
        { userAgent: null, address: null, label: null },
        { client: older.client },
      );
      expect(await show(server, newer)).toBeUndefined();
      expect(eventNames(engine)).toEqual(["token.forged", "token.ahead"]);
      expect(generationOf(newer.token)).toBe(1);
      expect(await engine.store.sessions.find(user, client)).toBeDefined();
    });
  });
});
