import assert from "node:assert/strict";
import { randomId } from "../../engine/random.js";
import { identityOf, registered } from "./identities.js";
import {
  admin,
  type ContractCase,
  idOf,
  lifespan,
  member,
  newAccount,
  newEmail,
  newHash,
  newSession,
  storeOf,
} from "./world.js";

/** Identities come to accounts that are there, and leave them. */
export const linkingContract: readonly ContractCase[] = [
  {
    name: "a session adds an identity to its own account while it lives, and an identity has one account (security 41)",
    async run(world) {
      const { identities, sessions } = storeOf(world, 0);
      const { account } = await newAccount(world);
      const { client } = await newSession(world, idOf(account));
      const identity = identityOf();
      const foreign = await newSession(world, idOf((await newAccount(world)).account));
      const link = (by: string) => identities.link(member, idOf(account), identity, { by });
      assert.equal(await link(foreign.client), undefined);
      assert.equal(await identities.find(member, identity.id), undefined);
      assert.equal(await link(client), "linked");
      assert.equal(await link(client), "taken");
      assert.equal((await identities.list(member, idOf(account))).length, 1);
      await sessions.end(member, idOf(account), client);
      assert.equal(await identities.link(member, idOf(account), identityOf(), { by: client }), undefined);
    },
  },
  {
    name: "an identity is added by its address only if the account has confirmed that very address (security 41)",
    async run(world) {
      const { identities } = storeOf(world, 0);
      const email = newEmail();
      const { account } = await newAccount(world, { email, confirmed: false });
      const link = (confirmedEmail: string, id = idOf(account)) =>
        identities.link(member, id, identityOf(), { confirmedEmail });
      assert.equal(await link(email), undefined);
      const proven = newEmail();
      const { account: other } = await newAccount(world, { email: proven });
      assert.equal(await link(newEmail(), idOf(other)), undefined);
      assert.equal(await link(proven, idOf(other)), "linked");
    },
  },
  {
    name: "an account of an older system takes up its identity once",
    async run(world) {
      const { identities, accounts } = storeOf(world, 0);
      const subject = randomId();
      const made = await accounts.create(member, {
        provider: "example",
        uid: subject,
        email: null,
        passwordHash: null,
        confirmed: true,
        fields: {},
      });
      assert(made !== "taken");
      const link = (uid: string) =>
        identities.link(member, idOf(made.account), identityOf({ subject }), { uid });
      assert.equal(await link("another"), undefined);
      assert.equal(await link(subject), "linked");
      assert.equal(await link(subject), undefined);
    },
  },
  {
    name: "whoever proves the address of an unconfirmed account gets it without anything of whoever made it (security 41)",
    async run(world) {
      const { identities, sessions, tickets, accounts } = storeOf(world, 0);
      const email = newEmail();
      const { account } = await newAccount(world, { email, confirmed: false });
      const id = idOf(account);
      const { client } = await newSession(world, id);
      assert.equal(await identities.link(member, id, identityOf(), { by: client }), "linked");
      const hash = newHash();
      await tickets.issue(member, { hash, kind: "password_reset", accountId: id, email: null, lifespan });
      assert.equal(await identities.claim(member, id, newEmail(), identityOf()), undefined);
      const mine = identityOf();
      const claimed = await identities.claim(member, id, email, mine);
      assert(claimed && claimed !== "taken");
      assert.deepEqual([claimed.passwordHash, claimed.confirmedAt], [null, world.clock.now]);
      assert.equal(await sessions.find(member, client), undefined);
      assert.equal(await tickets.find(member, "password_reset", hash), undefined);
      assert.deepEqual(
        (await identities.list(member, id)).map((one) => one.id),
        [mine.id],
      );
      // It is confirmed now, so nobody else can do the same.
      assert.equal(await identities.claim(member, id, email, identityOf()), undefined);
      assert.equal((await accounts.find(member, id))?.account.email, email);
    },
  },
  {
    name: "an unconfirmed account that an identity made is known by its address once somebody has proven that (security 41)",
    async run(world) {
      const email = newEmail();
      const { identity, accountId } = await registered(world, { email, confirmed: false });
      const { identities, accounts } = storeOf(world, 0);
      const claimed = await identities.claim(member, accountId, email, identityOf());
      assert(claimed && claimed !== "taken");
      assert.deepEqual([claimed.account.provider, claimed.account.uid], ["email", email]);
      assert.equal(await accounts.findByUid(member, "example", identity.subject), undefined);
      assert.equal(await identities.find(member, identity.id), undefined);
    },
  },
  {
    name: "the last way in stays, also when two are taken at the same moment (security 41)",
    async run(world) {
      const { identity: first, accountId } = await registered(world);
      const { identities } = storeOf(world, 0);
      const { client } = await newSession(world, accountId);
      assert.equal(await identities.unlink(member, accountId, first.id, client), "last");
      const second = identityOf();
      assert.equal(await identities.link(member, accountId, second, { by: client }), "linked");
      const done = await Promise.all(
        [first, second].map(({ id }, i) =>
          storeOf(world, i).identities.unlink(member, accountId, id, client),
        ),
      );
      assert.deepEqual(done.toSorted(), ["last", "unlinked"]);
      assert.equal((await identities.list(member, accountId)).length, 1);
    },
  },
  {
    name: "an account with a password lets its identity go and is known by its address from then on",
    async run(world) {
      const { identity, accountId, record } = await registered(world, { passwordHash: "hash" });
      const { identities, accounts, sessions, tickets } = storeOf(world, 0);
      const { client } = await newSession(world, accountId);
      const { client: another } = await newSession(world, accountId);
      const foreign = await registered(world);
      assert.equal(await identities.unlink(member, accountId, foreign.identity.id, client), undefined);
      assert.equal(await identities.unlink(admin, accountId, identity.id, client), undefined);
      assert.equal(await identities.unlink(member, accountId, identity.id, randomId()), undefined);
      assert(await sessions.find(member, another));
      const change = {
        hash: randomId(),
        kind: "email_change",
        accountId,
        email: newEmail(),
        lifespan: 60_000,
      } as const;
      await tickets.issue(member, { ...change, by: another });
      assert.equal(await identities.unlink(member, accountId, identity.id, client), "unlinked");
      assert.equal(await sessions.find(member, another), undefined);
      assert.equal(await tickets.find(member, "email_change", change.hash), undefined);
      const after = (await accounts.find(member, accountId))?.account;
      assert.deepEqual([after?.provider, after?.uid], ["email", record.account.email]);
      assert.equal((await sessions.find(member, client))?.session.previousUid, identity.subject);
      assert.equal(await identities.unlink(member, accountId, identity.id, client), undefined);
    },
  },
];
