import assert from "node:assert/strict";
import {
  type ContractCase,
  type ContractWorld,
  idOf,
  lifespan,
  member,
  newAccount,
  newHash,
  newSession,
  second,
  storeOf,
} from "./world.js";

const attempt = { limit: 3, whileLocked: 2, endedBefore: null };
const newId = async (world: ContractWorld): Promise<string> => idOf((await newAccount(world)).account);

/** Counts so many attempts, one after the other; what each was worth. */
async function count(world: ContractWorld, id: string, times: number): Promise<readonly string[]> {
  const [{ accounts }] = world.stores;
  const outcomes: string[] = [];
  for (let i = 0; i < times; i++) outcomes.push((await accounts.countAttempt(member, id, attempt)).is);
  return outcomes;
}

/** The part of the contract that is about locking and disabling accounts. */
export const lockContract: readonly ContractCase[] = [
  {
    name: "attempts are open up to the limit, which locks; then some are looked at, and then none",
    async run(world) {
      const [{ accounts }] = world.stores;
      const id = await newId(world);
      assert.deepEqual(await accounts.countAttempt(member, id, attempt), { is: "open", count: 1 });
      assert.equal((await accounts.find(member, id))?.lockedAt, null);
      assert.deepEqual(await count(world, id, 1), ["open"]);
      assert.deepEqual(await accounts.countAttempt(member, id, attempt), { is: "open", count: 3 });
      assert.equal((await accounts.find(member, id))?.lockedAt, world.clock.now);
      assert.deepEqual(await count(world, id, 4), ["locked", "locked", "closed", "closed"]);
    },
  },
  {
    name: "of 50 attempts at one moment, over every connection, exactly as many as the limit are open (security 29)",
    async run(world) {
      const id = await newId(world);
      const outcomes = await Promise.all(
        Array.from({ length: 50 }, (_, i) => storeOf(world, i).accounts.countAttempt(member, id, attempt)),
      );
      const counts = outcomes.flatMap((one) => (one.is === "open" ? [one.count] : []));
      assert.deepEqual(counts.toSorted(), [1, 2, 3]);
      assert.equal(outcomes.filter(({ is }) => is === "locked").length, 2);
      assert.equal(outcomes.filter(({ is }) => is === "closed").length, 45);
    },
  },
  {
    name: "a lock ends when its time is over, which further attempts do not prolong; 50 at that moment begin one new count (security 29)",
    async run(world) {
      const id = await newId(world);
      await count(world, id, 3);
      const began = world.clock.now;
      world.clock.now += 10 * second;
      assert.deepEqual(await count(world, id, 1), ["locked"]);
      assert.equal((await world.stores[0].accounts.find(member, id))?.lockedAt, began);
      const early = { ...attempt, endedBefore: began - 1 };
      assert.equal((await world.stores[0].accounts.countAttempt(member, id, early)).is, "locked");
      const due = { ...attempt, endedBefore: began };
      const outcomes = await Promise.all(
        Array.from({ length: 50 }, (_, i) => storeOf(world, i).accounts.countAttempt(member, id, due)),
      );
      assert.equal(outcomes.filter(({ is }) => is === "open").length, 3);
      assert.equal((await world.stores[0].accounts.find(member, id))?.lockedAt, world.clock.now);
    },
  },
  {
    name: "an attempt that is withdrawn counts for nothing, and takes the lock that it has brought about with it, no other",
    async run(world) {
      const [{ accounts }] = world.stores;
      const id = await newId(world);
      await count(world, id, 3);
      assert.notEqual((await accounts.find(member, id))?.lockedAt, null);
      await accounts.withdrawAttempt(member, id, attempt.limit);
      assert.equal((await accounts.find(member, id))?.lockedAt, null);
      assert.deepEqual(await accounts.countAttempt(member, id, attempt), { is: "open", count: 3 });
      const began = (await accounts.find(member, id))?.lockedAt;
      assert.equal((await accounts.countAttempt(member, id, attempt)).is, "locked");
      await accounts.withdrawAttempt(member, id, attempt.limit);
      assert.equal((await accounts.find(member, id))?.lockedAt, began);
      for (let i = 0; i < 5; i++) await accounts.withdrawAttempt(member, id, attempt.limit);
      assert.deepEqual(await accounts.countAttempt(member, id, attempt), { is: "open", count: 1 });
    },
  },
  {
    name: "a lock that began later than it can have, because the clock was set back, has ended",
    async run(world) {
      const id = await newId(world);
      await count(world, id, 3);
      const began = world.clock.now;
      const [{ accounts }] = world.stores;
      const due = { ...attempt, endedBefore: began - 100 * second };
      const locked = await accounts.countAttempt(member, id, { ...due, endedAfter: began });
      assert.equal(locked.is, "locked");
      const open = await accounts.countAttempt(member, id, { ...due, endedAfter: began - second });
      assert.deepEqual(open, { is: "open", count: 1 });
    },
  },
  {
    name: "a success forgets the failures, of this account only",
    async run(world) {
      const [{ accounts }] = world.stores;
      const [id, other] = [await newId(world), await newId(world)];
      await count(world, id, 2);
      await count(world, other, 2);
      await accounts.forgetFailures(member, id);
      assert.deepEqual(await accounts.countAttempt(member, id, attempt), { is: "open", count: 1 });
      assert.deepEqual(await accounts.countAttempt(member, other, attempt), { is: "open", count: 3 });
      assert.equal((await accounts.countAttempt(member, "999999999", attempt)).is, "closed");
    },
  },
  {
    name: "an unlock link unlocks once; a second visit returns the same and unlocks nothing (security 24)",
    async run(world) {
      const [{ accounts, tickets }] = world.stores;
      const id = await newId(world);
      await count(world, id, 3);
      const hash = newHash();
      await tickets.issue(member, { hash, kind: "unlock", accountId: id, email: null, lifespan });
      assert.equal(await tickets.confirm(member, hash), undefined);
      const unlocked = await tickets.unlock(member, hash);
      assert.deepEqual([unlocked?.first, unlocked?.record.lockedAt], [true, null]);
      assert.deepEqual(await count(world, id, 3), ["open", "open", "open"]);
      assert.equal((await tickets.unlock(member, hash))?.first, false);
      assert.equal((await accounts.find(member, id))?.lockedAt, world.clock.now);
      assert.equal(await tickets.unlock(member, newHash()), undefined);
    },
  },
  {
    name: "a finished password reset unlocks",
    async run(world) {
      const [{ accounts, tickets }] = world.stores;
      const id = await newId(world);
      await count(world, id, 3);
      const hash = newHash();
      await tickets.issue(member, { hash, kind: "password_reset", accountId: id, email: null, lifespan });
      const change = { hash: "new", keep: null, endOthers: true };
      assert(
        await tickets.resetPassword(member, hash, change, { lifespan, lifetime: null, endIdentities: false }),
      );
      assert.equal((await accounts.find(member, id))?.lockedAt, null);
      assert.deepEqual(await accounts.countAttempt(member, id, attempt), { is: "open", count: 1 });
    },
  },
  {
    name: "disabling ends the sessions and voids the links of the account, and no session is opened until it is enabled (security 13)",
    async run(world) {
      const [store] = world.stores;
      const [id, other] = [await newId(world), await newId(world)];
      const [session, foreign] = [await newSession(world, id), await newSession(world, other)];
      const hash = newHash();
      await store.tickets.issue(member, {
        hash,
        kind: "confirmation",
        accountId: id,
        email: null,
        lifespan,
      });
      assert.equal(await store.accounts.disable(member, id), true);
      assert.equal(await store.accounts.disable(member, id), false);
      assert.equal((await store.accounts.find(member, id))?.disabledAt, world.clock.now);
      assert.equal(await store.sessions.find(member, session.client), undefined);
      assert(await store.sessions.find(member, foreign.client));
      assert.equal(await store.tickets.find(member, "confirmation", hash), undefined);
      await assert.rejects(newSession(world, id));
      assert.equal(await store.accounts.enable(member, id), true);
      assert.equal(await store.accounts.enable(member, id), false);
      assert(await newSession(world, id));
    },
  },
  {
    name: "of sign-ins at the moment in which an account is disabled none stays signed in (security 13)",
    async run(world) {
      const id = await newId(world);
      const clients = Array.from({ length: 20 }, (_, i) => `racing-${id}-${i}`);
      const disabled = storeOf(world, 1).accounts.disable(member, id);
      await Promise.allSettled([
        ...clients.map((client, i) =>
          newSession({ ...world, stores: [storeOf(world, i)] }, id, { client, limit: 100 }),
        ),
        disabled,
      ]);
      assert.equal(await disabled, true);
      assert.deepEqual(await world.stores[0].sessions.list(member, id), []);
    },
  },
];
