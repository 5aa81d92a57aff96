import assert from "node:assert/strict";
import type { NewAccount } from "../account-port.js";
import type { NewIdentity } from "../identity-port.js";
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
  second,
  storeOf,
} from "./world.js";

export function identityOf(given: Partial<NewIdentity> = {}): NewIdentity {
  return {
    id: newHash(),
    issuer: "https://id.example.com",
    subject: newHash(),
    provider: "example",
    name: "Ada Lovelace",
    email: "ada@id.example.com",
    tokens: null,
    ...given,
  };
}

function accountOf({ subject, provider }: NewIdentity, given: Partial<NewAccount> = {}): NewAccount {
  return {
    provider,
    uid: subject,
    email: newEmail(),
    passwordHash: null,
    confirmed: true,
    fields: {},
    ...given,
  };
}

/** A new account with its identity. */
export async function registered(world: ContractWorld, given: Partial<NewAccount> = {}) {
  const identity = identityOf();
  const record = await world.stores[0].identities.register(member, accountOf(identity, given), identity);
  assert(record !== "taken");
  return { identity, record, accountId: idOf(record.account) };
}

/** Identities are found, kept and made with their accounts. */
export const identityContract: readonly ContractCase[] = [
  {
    name: "an account and its identity are made together and found again (security 41)",
    async run(world) {
      const email = newEmail();
      const { identity, record, accountId } = await registered(world, {
        email,
        fields: { nickname: "ada" },
      });
      const { account } = record;
      assert.deepEqual(
        [account.provider, account.uid, account.email, account["nickname"]],
        ["example", identity.subject, email, "ada"],
      );
      const { now } = world.clock;
      const stored = { ...identity, accountId, createdAt: now, lastUsedAt: now };
      const { identities, accounts } = storeOf(world, 1);
      assert.deepEqual(await identities.find(member, identity.id), stored);
      assert.deepEqual(await identities.list(member, accountId), [stored]);
      assert.equal(await identities.find(admin, identity.id), undefined);
      assert.deepEqual(await identities.list(admin, accountId), []);
      const byUid = await accounts.findByUid(member, "example", identity.subject);
      assert.deepEqual(byUid?.account, account);
      assert.equal(await accounts.findByUid(member, "email", identity.subject), undefined);
    },
  },
  {
    name: "of 20 registrations of one identity at the same moment one makes an account (security 41)",
    async run(world) {
      const identity = identityOf();
      const made = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          storeOf(world, i).identities.register(
            member,
            // Whether or not the accounts' own indexes would notice.
            accountOf(identity, { uid: `${identity.subject}-${i % 4}` }),
            identity,
          ),
        ),
      );
      const records = made.flatMap((one) => (one === "taken" ? [] : [one]));
      assert.equal(records.length, 1);
      const found = await storeOf(world, 0).identities.find(member, identity.id);
      assert.equal(found?.accountId, String(records[0]?.account.id));
      let accounts = 0;
      for (let i = 0; i < 4; i++)
        if (await storeOf(world, 0).accounts.findByUid(member, "example", `${identity.subject}-${i}`))
          accounts++;
      assert.equal(accounts, 1);
    },
  },
  {
    name: "a registration whose address is taken leaves nothing behind",
    async run(world) {
      const email = newEmail();
      await newAccount(world, { email });
      const identity = identityOf();
      const { identities, accounts } = storeOf(world, 0);
      assert.equal(await identities.register(member, accountOf(identity, { email }), identity), "taken");
      assert.equal(await identities.find(member, identity.id), undefined);
      assert.equal(await accounts.findByUid(member, "example", identity.subject), undefined);
      assert.notEqual(await identities.register(admin, accountOf(identity, { email }), identity), "taken");
    },
  },
  {
    name: "several accounts may have no address",
    async run(world) {
      const one = await registered(world, { email: null });
      const other = await registered(world, { email: null });
      assert.notEqual(one.accountId, other.accountId);
      assert.equal(one.record.account.email, null);
    },
  },
  {
    name: "what a later sign-in tells is kept, and a missing name blanks nothing",
    async run(world) {
      const { identity } = await registered(world);
      const { identities } = storeOf(world, 0);
      world.clock.now += second;
      assert(
        await identities.update(member, identity.id, { name: null, email: "new@x.example", tokens: "t1" }),
      );
      const found = await identities.find(member, identity.id);
      assert.deepEqual(
        [found?.name, found?.email, found?.tokens, found?.lastUsedAt],
        [identity.name, "new@x.example", "t1", world.clock.now],
      );
      await identities.update(member, identity.id, { name: "Ada King", email: null, tokens: undefined });
      const later = await identities.find(member, identity.id);
      assert.deepEqual([later?.name, later?.email, later?.tokens], ["Ada King", null, "t1"]);
      assert.equal(
        await identities.update(admin, identity.id, { name: null, email: null, tokens: null }),
        false,
      );
      assert.equal(await identities.replaceTokens(identity.id, "t0", "t2"), false);
      assert.equal(await identities.replaceTokens(identity.id, "t1", "t2"), true);
      assert.equal((await identities.find(member, identity.id))?.tokens, "t2");
    },
  },
  {
    name: "deleting an account deletes its identities, and nobody else's (security 13)",
    async run(world) {
      const one = await registered(world);
      const other = await registered(world);
      const { accounts, identities } = storeOf(world, 0);
      assert(await accounts.delete(member, one.accountId));
      assert.equal(await identities.find(member, one.identity.id), undefined);
      assert(await identities.find(member, other.identity.id));
      const back = await identities.register(member, accountOf(one.identity), one.identity);
      assert.notEqual(back, "taken");
    },
  },
  {
    name: "an identity whose account is there is no orphan",
    async run(world) {
      const { identity } = await registered(world);
      const { identities } = storeOf(world, 0);
      assert.equal(await identities.dropOrphan(member, identity.id), false);
      assert.equal(await identities.dropOrphan(member, newHash()), false);
      assert(await identities.find(member, identity.id));
      // Of an account that an app has deleted by itself.
      const orphan = identityOf();
      const { account } = await newAccount(world);
      const { client } = await newSession(world, idOf(account));
      assert.equal(await identities.link(member, idOf(account), orphan, { by: client }), "linked");
      await storeOf(world, 1).accounts.delete(member, idOf(account));
      assert.equal(await identities.dropOrphan(member, orphan.id), false);
    },
  },
  {
    name: "an identity goes when its account is told to go unconfirmed",
    async run(world) {
      const { accountId, identity } = await registered(world, { confirmed: false });
      assert(await storeOf(world, 0).accounts.deleteUnconfirmed(member, accountId));
      assert.equal(await storeOf(world, 1).identities.find(member, identity.id), undefined);
    },
  },
  {
    name: "a session opens for an account without a password",
    async run(world) {
      const { accountId } = await registered(world);
      const session = await newSession(world, accountId, { lifespan });
      assert.equal(session.accountId, accountId);
    },
  },
];
