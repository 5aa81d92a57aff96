import assert from "node:assert/strict";
import type { NewTicket, TicketKind } from "../ticket-port.js";
import {
  admin,
  type ContractCase,
  type ContractWorld,
  idOf,
  lifespan,
  member,
  newAccount,
  newEmail,
  newHash,
  newSession,
  storeOf,
} from "./world.js";

const reset = { lifespan, lifetime: null, endIdentities: true };

async function issued(
  world: ContractWorld,
  kind: TicketKind,
  given: Partial<NewTicket> = {},
): Promise<{ accountId: string; hash: string }> {
  const accountId = given.accountId ?? idOf((await newAccount(world, { confirmed: false })).account);
  const ticket = { hash: newHash(), kind, accountId, email: null, lifespan, ...given };
  await world.stores[0].tickets.issue(member, ticket);
  return { accountId, hash: ticket.hash };
}

/** The tickets' part of the contract. */
export const ticketContract: readonly ContractCase[] = [
  {
    name: "a ticket is found by its hash, kind and model until it expires, and a change to another address replaces it (security 33)",
    async run(world) {
      const [{ tickets }] = world.stores;
      const { accountId, hash } = await issued(world, "email_change", { email: "new@example.com" });
      const ticket = {
        hash,
        kind: "email_change",
        accountId,
        email: "new@example.com",
        since: null,
        usedAt: null,
      };
      assert.deepEqual(await tickets.find(member, "email_change", hash), ticket);
      assert.equal(await tickets.find(member, "confirmation", hash), undefined);
      assert.equal(await tickets.find(admin, "email_change", hash), undefined);
      const other = await issued(world, "confirmation", { accountId });
      assert(await tickets.find(member, "email_change", hash));
      await issued(world, "email_change", { accountId, email: "new@example.com" });
      assert(await tickets.find(member, "email_change", hash));
      await issued(world, "email_change", { accountId, email: "newer@example.com" });
      assert.equal(await tickets.find(member, "email_change", hash), undefined);
      world.clock.now += lifespan - 1;
      assert(await tickets.find(member, "confirmation", other.hash));
      world.clock.now += 1;
      assert.equal(await tickets.find(member, "confirmation", other.hash), undefined);
      assert.equal(await tickets.confirm(member, other.hash), undefined);
    },
  },
  {
    name: "an older link works until one of its kind is redeemed, and then all of them end together (security 33)",
    async run(world) {
      const [{ tickets }] = world.stores;
      const change = { hash: "new", keep: null, endOthers: true };
      const redeem = {
        confirmation: (hash: string) => tickets.confirm(member, hash),
        unlock: (hash: string) => tickets.unlock(member, hash),
        email_change: (hash: string) => tickets.changeEmail(member, hash),
        password_reset: (hash: string) => tickets.resetPassword(member, hash, change, reset),
      } as const;
      for (const kind of ["confirmation", "unlock", "email_change", "password_reset"] as const) {
        const email = kind === "email_change" ? newEmail() : null;
        const { accountId, hash } = await issued(world, kind, { email });
        const newer = await issued(world, kind, { accountId, email });
        const foreign = await issued(world, kind, { email: email && newEmail() });
        assert(await redeem[kind](hash), kind);
        assert.equal(await redeem[kind](newer.hash), undefined, kind);
        assert(await redeem[kind](foreign.hash), kind);
      }
    },
  },
  {
    name: "of 50 redemptions of two reset links of one account exactly one succeeds (security 33)",
    async run(world) {
      const one = await issued(world, "password_reset");
      const two = await issued(world, "password_reset", { accountId: one.accountId });
      const done = await Promise.all(
        Array.from({ length: 50 }, (_, i) =>
          storeOf(world, i).tickets.resetPassword(
            member,
            i % 2 ? one.hash : two.hash,
            { hash: `new${i}`, keep: null, endOthers: true },
            reset,
          ),
        ),
      );
      assert.equal(done.filter((record) => record).length, 1);
    },
  },
  {
    name: "a confirmation link confirms, and a second visit returns the same (security 24)",
    async run(world) {
      const [{ tickets }] = world.stores;
      const { hash } = await issued(world, "confirmation");
      const first = await tickets.confirm(member, hash);
      const confirmedAt = world.clock.now;
      world.clock.now += 1000;
      const again = await tickets.confirm(member, hash);
      assert.deepEqual([first?.first, first?.record.confirmedAt], [true, confirmedAt]);
      assert.deepEqual(again, { first: false, record: first?.record });
      assert.equal(await tickets.confirm(member, newHash()), undefined);
    },
  },
  {
    name: "an e-mail change takes effect once, and not when the address was taken meanwhile (security 38)",
    async run(world) {
      const [{ tickets, accounts }] = world.stores;
      const email = newEmail();
      const mine = await issued(world, "email_change", { email });
      const theirs = await issued(world, "email_change", { email });
      const changed = await tickets.changeEmail(member, mine.hash);
      assert(changed && changed !== "taken" && changed.first);
      assert.deepEqual([changed.record.account.email, changed.record.account.uid], [email, email]);
      assert.equal(await tickets.changeEmail(member, theirs.hash), "taken");
      assert.notEqual((await accounts.find(member, theirs.accountId))?.account.email, email);
      const again = await tickets.changeEmail(member, mine.hash);
      assert(again && again !== "taken" && !again.first);
    },
  },
  {
    name: "of 50 redemptions of a reset link exactly one succeeds (security 33)",
    async run(world) {
      const { hash, accountId } = await issued(world, "password_reset");
      const done = await Promise.all(
        Array.from({ length: 50 }, (_, i) =>
          storeOf(world, i).tickets.resetPassword(
            member,
            hash,
            { hash: `new${i}`, keep: null, endOthers: true },
            reset,
          ),
        ),
      );
      const winners = done.flatMap((record, i) => (record ? [`new${i}`] : []));
      assert.equal(winners.length, 1);
      const record = await world.stores[0].accounts.find(member, accountId);
      assert.equal(record?.passwordHash, winners[0]);
      assert.equal(record?.confirmedAt, world.clock.now);
    },
  },
  {
    name: "a reset lifts the limit of the session that asks for it and ends the others (security 14)",
    async run(world) {
      const [store] = world.stores;
      const { hash, accountId } = await issued(world, "password_reset");
      const limited = await newSession(world, accountId, {
        limitedTo: hash,
        lifespan: 900_000,
        lifetime: 900_000,
      });
      const other = await newSession(world, accountId);
      const change = { hash: "new", keep: limited.client, endOthers: true };
      const lifetime = 2 * lifespan;
      assert(await store.tickets.resetPassword(member, hash, change, { ...reset, lifetime }));
      const found = (await store.sessions.find(member, limited.client))?.session;
      const { now } = world.clock;
      assert.deepEqual(found, {
        ...limited,
        limitedTo: null,
        expiresAt: now + lifespan - ((now + lifespan) % 1000),
        endsAt: now + 2 * lifespan,
      });
      assert.equal(await store.sessions.find(member, other.client), undefined);
    },
  },
  {
    name: "a reset that leaves the other sessions ends those of its own link all the same",
    async run(world) {
      const [store] = world.stores;
      const confirmed = idOf((await newAccount(world)).account);
      const { hash, accountId } = await issued(world, "password_reset", { accountId: confirmed });
      const limited = await newSession(world, accountId, { limitedTo: hash });
      const other = await newSession(world, accountId);
      const change = { hash: "new", keep: null, endOthers: false };
      assert(await store.tickets.resetPassword(member, hash, change, reset));
      assert.equal(await store.sessions.find(member, limited.client), undefined);
      assert(await store.sessions.find(member, other.client));
      assert.equal(await store.tickets.resetPassword(member, hash, change, reset), undefined);
    },
  },
];
