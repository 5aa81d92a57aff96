import assert from "node:assert/strict";
import { randomId } from "../../engine/random.js";
import type { FoundSession, Rotation, Session } from "../port.js";
import {
  admin,
  type ContractCase,
  type ContractWorld,
  dueSession,
  idOf,
  lifespan,
  member,
  namesakes,
  newAccount,
  newEmail,
  newHash,
  newSession,
  second,
  storeOf,
  window,
} from "./world.js";

const rotationOf = (session: Session, uid: string, changed: Partial<Rotation> = {}): Rotation => ({
  client: session.client,
  uid,
  tokenHash: session.tokenHash,
  nextTokenHash: newHash(),
  nonce: randomId(),
  window,
  lifespan,
  address: null,
  ...changed,
});

const won = (result: FoundSession | "outrun" | "missed" | undefined): FoundSession => {
  assert(result && typeof result !== "string", "the rotation should have happened");
  return result;
};
const stateOf = async ({ stores: [store] }: ContractWorld, client: string): Promise<Session | undefined> =>
  (await store.sessions.find(member, client))?.session;

/** The sessions' part of the contract. */
export const sessionContract: readonly ContractCase[] = [
  {
    name: "a session is found with its account and the database's clock, on every connection",
    async run(world) {
      const { account } = await newAccount(world, { fields: { nickname: "Ann" } });
      const now = world.clock.now;
      const client = "A-Z_a.z~0";
      const session = await newSession(world, idOf(account), { client, lifetime: 7777 * second });
      assert.deepEqual(session, {
        client,
        model: "member",
        accountId: idOf(account),
        limitedTo: null,
        previousUid: null,
        generation: 0,
        tokenHash: session.tokenHash,
        nonce: null,
        previousNonce: null,
        rotatedAt: now,
        windowExtendedUntil: 0,
        expiresAt: now + lifespan - (now % second),
        endsAt: now + 7777 * second,
      });
      for (const store of world.stores)
        assert.deepEqual(await store.sessions.find(member, client), { session, account, now });
    },
  },
  {
    name: "a session is found by its exact id and model only",
    async run(world) {
      const client = `Case-${randomId()}`;
      // An admin has the same id, so that the model is all that tells them apart.
      await newSession(world, await namesakes(world), { client });
      const [store] = world.stores;
      for (const other of [client.toUpperCase(), client.toLowerCase(), `${client} `, "", "%"])
        assert.equal(await store.sessions.find(member, other), undefined);
      assert.equal(await store.sessions.find(admin, client), undefined);
    },
  },
  {
    name: "no session is made for an account that is not there, and none under an id that is taken",
    async run(world) {
      const [store] = world.stores;
      const { account, session } = await dueSession(world);
      const given = {
        ...session,
        passwordHash: null,
        lifespan,
        lifetime: null,
        userAgent: null,
        address: null,
        label: null,
        limit: 10,
      };
      assert.equal(
        await store.sessions.create(member, { ...given, client: randomId(), accountId: "999999999" }),
        undefined,
      );
      await assert.rejects(store.sessions.create(member, { ...given, accountId: idOf(account) }));
      assert.deepEqual(await stateOf(world, session.client), session);
    },
  },
  {
    name: "no session is made on a password that was changed after it was verified",
    async run(world) {
      const [store] = world.stores;
      const { account, passwordHash } = await newAccount(world);
      const id = idOf(account);
      const made = await newSession(world, id, { passwordHash });
      assert.equal(made.accountId, id);
      await store.accounts.update(member, id, {
        password: { hash: "new-hash", keep: null, endOthers: true },
      });
      await assert.rejects(newSession(world, id, { passwordHash }));
      await newSession(world, id, { passwordHash: "new-hash" });
      assert.equal((await store.sessions.list(member, id)).length, 1);
    },
  },
  {
    name: "a rotation changes exactly what it should",
    async run(world) {
      const { account, session } = await dueSession(world, {
        userAgent: "agent",
        address: "192.0.2.1",
        label: "phone",
      });
      const [store] = world.stores;
      const one = rotationOf(session, account.uid);
      const first = won(await store.sessions.rotate(member, one));
      const now = world.clock.now;
      assert.deepEqual(first, {
        account,
        now,
        session: {
          ...session,
          generation: 1,
          tokenHash: one.nextTokenHash,
          nonce: one.nonce,
          rotatedAt: now,
          expiresAt: now + lifespan - (now % second),
        },
      });
      assert.deepEqual(await stateOf(world, session.client), first.session);
      world.clock.now += window;
      const two = rotationOf(first.session, account.uid, { address: "2001:db8::1" });
      const next = won(await store.sessions.rotate(member, two));
      assert.equal(next.session.previousNonce, one.nonce);
      assert.equal(next.session.nonce, two.nonce);
      assert.deepEqual(await stateOf(world, session.client), next.session);
      const [listed] = await store.sessions.list(member, idOf(account));
      assert.deepEqual(listed, {
        client: session.client,
        createdAt: session.rotatedAt,
        rotatedAt: world.clock.now,
        expiresAt: next.session.expiresAt,
        userAgent: "agent",
        address: "2001:db8::1",
        label: "phone",
      });
    },
  },
  {
    name: "a rotation does not happen when any of its conditions fails",
    async run(world) {
      const { account, session } = await dueSession(world);
      const [store] = world.stores;
      const rotation = rotationOf(session, account.uid);
      const refused = async (changed: Partial<Rotation>, model = member): Promise<void> => {
        const result = await store.sessions.rotate(model, { ...rotation, ...changed });
        assert(result === undefined || result === "missed", `${Object.keys(changed)} let it happen`);
        assert.deepEqual(await stateOf(world, session.client), session);
      };
      await refused({ tokenHash: newHash() });
      await refused({ uid: newEmail() });
      await refused({ uid: account.uid.toUpperCase() });
      await refused({ uid: "" });
      await refused({ client: randomId() });
      await refused({ window: window + 1 });
      await refused({}, admin);
      const due = world.clock.now;
      world.clock.now = session.expiresAt;
      await refused({});
      world.clock.now = due;
      won(await store.sessions.rotate(member, rotation));
    },
  },
  {
    name: "a limited session does not rotate",
    async run(world) {
      const { account, session } = await dueSession(world, { limitedTo: "ticket" });
      const result = await world.stores[0].sessions.rotate(member, rotationOf(session, account.uid));
      assert(result === undefined || result === "missed");
      assert.deepEqual(await stateOf(world, session.client), session);
    },
  },
  {
    name: "of many rotations of one token exactly one happens, on however many connections (security 7)",
    async run(world) {
      const { account, session } = await dueSession(world);
      const rotations = Array.from({ length: 40 }, () => rotationOf(session, account.uid));
      const results = await Promise.all(
        rotations.map((rotation, i) => storeOf(world, i).sessions.rotate(member, rotation)),
      );
      const winners = results.filter((result) => typeof result === "object");
      assert.equal(winners.length, 1);
      const stored = await stateOf(world, session.client);
      assert.deepEqual(stored, won(winners[0]).session);
      const winner = rotations[results.indexOf(winners[0])];
      assert.deepEqual([stored?.tokenHash, stored?.nonce], [winner?.nextTokenHash, winner?.nonce]);
    },
  },
  {
    name: "expiry rises by whole seconds with each rotation, and stops at the absolute end (security 11)",
    async run(world) {
      const { account } = await newAccount(world);
      const [store] = world.stores;
      let session = await newSession(world, idOf(account), { lifespan: 60 * second, lifetime: 70 * second });
      const end = Math.floor((session.endsAt ?? 0) / second) * second;
      const rises: number[] = [];
      for (let i = 0; i < 15; i++) {
        const rotation = rotationOf(session, account.uid, { window: 0, lifespan: 60 * second });
        const next = won(await store.sessions.rotate(member, rotation)).session;
        rises.push(next.expiresAt - session.expiresAt);
        session = next;
      }
      assert.deepEqual(rises, [...new Array(10).fill(second), ...new Array(5).fill(0)]);
      assert.equal(session.expiresAt, end);
    },
  },
  {
    name: "extending the window keeps the predecessor of the next generation good, tells the generation, and finds no expired session",
    async run(world) {
      const { account, session } = await dueSession(world);
      const [store] = world.stores;
      const { client } = session;
      // Another session, with the same token as no two sessions have: nothing of it changes.
      const { client: other } = await newSession(world, idOf(account), { tokenHash: session.tokenHash });
      assert.equal(await store.sessions.extendWindow(client, 0, window), 0);
      assert.equal((await stateOf(world, client))?.windowExtendedUntil, 0);
      won(await store.sessions.rotate(member, rotationOf(session, account.uid)));
      assert.equal((await stateOf(world, other))?.generation, 0);
      won(
        await store.sessions.rotate(member, rotationOf(session, account.uid, { client: other, window: 0 })),
      );
      assert.equal(await store.sessions.extendWindow(client, 0, window), 1);
      assert.equal((await stateOf(world, other))?.windowExtendedUntil, 0);
      const held = await stateOf(world, client);
      assert.equal(held?.windowExtendedUntil, world.clock.now + window);
      assert.equal(await store.sessions.extendWindow(client, 1, 9 * window), 1);
      assert.deepEqual(await stateOf(world, client), held);
      world.clock.now += window;
      const next = won(await store.sessions.rotate(member, rotationOf(held, account.uid)));
      assert.equal(next.session.windowExtendedUntil, 0);
      assert.equal(await store.sessions.extendWindow(client, 0, window), 2);
      assert.deepEqual(await stateOf(world, client), next.session);
      world.clock.now = next.session.expiresAt;
      assert.equal(await store.sessions.extendWindow(client, 1, window), undefined);
      assert.equal(await store.sessions.extendWindow(randomId(), 0, window), undefined);
    },
  },
  {
    name: "renew breaks the chain of tokens on purpose, for the account's own sessions only",
    async run(world) {
      const { account, session } = await dueSession(world);
      const [store] = world.stores;
      const { account: other } = await newAccount(world);
      const hash = newHash();
      assert.equal(
        await store.sessions.renew(member, idOf(other), session.client, hash, lifespan),
        undefined,
      );
      assert.equal(await store.sessions.renew(member, idOf(account), randomId(), hash, lifespan), undefined);
      assert.deepEqual(await stateOf(world, session.client), session);
      const renewed = await store.sessions.renew(member, idOf(account), session.client, hash, lifespan);
      assert.deepEqual([renewed?.generation, renewed?.nonce, renewed?.tokenHash], [1, null, hash]);
      assert.deepEqual(await stateOf(world, session.client), renewed);
      const limited = await newSession(world, idOf(account), { limitedTo: "ticket" });
      assert.equal(
        await store.sessions.renew(member, idOf(account), limited.client, newHash(), lifespan),
        undefined,
      );
      world.clock.now = renewed?.expiresAt ?? 0;
      assert.equal(
        await store.sessions.renew(member, idOf(account), session.client, newHash(), lifespan),
        undefined,
      );
      assert.deepEqual(await stateOf(world, session.client), renewed);
    },
  },
];
