import assert from "node:assert/strict";
import { randomId } from "../../engine/random.js";
import { identityOf, registered } from "./identities.js";
import {
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

async function resetLink(world: ContractWorld, accountId: string) {
  const hash = newHash();
  const ticket = { hash, kind: "password_reset", accountId, email: null, lifespan } as const;
  await storeOf(world, 0).tickets.issue(member, ticket);
  return hash;
}

/** What a reset link takes from an account beside its password. */
export const resetContract: readonly ContractCase[] = [
  {
    name: "a reset ends the identities of a confirmed account, or leaves them, as it is told (security 41)",
    async run(world) {
      const { identities, tickets } = storeOf(world, 0);
      for (const endIdentities of [true, false]) {
        const { account } = await newAccount(world);
        const id = idOf(account);
        const { client } = await newSession(world, id);
        const identity = identityOf();
        assert.equal(await identities.link(member, id, identity, { by: client }), "linked");
        const other = await registered(world);
        const hash = await resetLink(world, id);
        const change = { hash: "new", keep: client, endOthers: true };
        assert(await tickets.resetPassword(member, hash, change, { ...reset, endIdentities }));
        assert.equal((await identities.list(member, id)).length, endIdentities ? 0 : 1);
        assert(await identities.find(member, other.identity.id));
      }
    },
  },
  {
    name: "a reset link makes an unconfirmed account that an identity made the own one of whoever has its address (security 41)",
    async run(world) {
      const email = newEmail();
      const { identity, accountId } = await registered(world, { email, confirmed: false });
      const { identities, sessions, tickets, accounts } = storeOf(world, 0);
      const theirs = await newSession(world, accountId);
      const hash = await resetLink(world, accountId);
      const mine = await newSession(world, accountId, { limitedTo: hash });
      const change = { hash: "new", keep: mine.client, endOthers: false };
      const done = await tickets.resetPassword(member, hash, change, { ...reset, endIdentities: false });
      assert.deepEqual(
        [done?.account.provider, done?.account.uid, done?.passwordHash, done?.confirmedAt],
        ["email", email, "new", world.clock.now],
      );
      assert.equal(await identities.find(member, identity.id), undefined);
      assert.equal(await sessions.find(member, theirs.client), undefined);
      const kept = (await sessions.find(member, mine.client))?.session;
      assert.deepEqual([kept?.previousUid, kept?.limitedTo], [identity.subject, null]);
      // Whoever had it before is somebody new.
      const back = await accounts.findByUid(member, "example", identity.subject);
      assert.equal(back, undefined);
    },
  },
  {
    name: "an identity that a reset has taken away opens no session, whichever of the two comes first",
    async run(world) {
      const { accountId, identity } = await registered(world);
      const { sessions, tickets } = storeOf(world, 0);
      const open = (i: number, owner = accountId) =>
        storeOf(world, i).sessions.create(member, {
          client: randomId(),
          accountId: owner,
          tokenHash: newHash(),
          limitedTo: null,
          passwordHash: null,
          identityId: identity.id,
          lifespan,
          lifetime: null,
          userAgent: null,
          address: null,
          label: null,
          limit: 10,
        });
      assert(await open(0));
      assert.equal(await open(0, (await registered(world)).accountId), undefined);
      const hash = await resetLink(world, accountId);
      const change = { hash: "new", keep: null, endOthers: true };
      await Promise.all([
        ...Array.from({ length: 10 }, (_, i) => open(i)),
        tickets.resetPassword(member, hash, change, reset),
        ...Array.from({ length: 10 }, (_, i) => open(i)),
      ]);
      assert.equal(await open(1), undefined);
      assert.deepEqual(await sessions.list(member, accountId), []);
    },
  },
];
