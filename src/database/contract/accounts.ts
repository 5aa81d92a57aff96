import assert from "node:assert/strict";
import {
  admin,
  type ContractCase,
  idOf,
  lifespan,
  member,
  newAccount,
  newEmail,
  newSession,
  storeOf,
} from "./world.js";

/** The accounts' part of the contract. */
export const accountContract: readonly ContractCase[] = [
  {
    name: "an account is found by id, address and uid, with its fields in their own types",
    async run(world) {
      const fields = { nickname: "Zoë 😀 'x'", visits: 2 ** 31 - 1, score: 0.1, active: true };
      const record = await newAccount(world, { fields });
      const { account } = record;
      const email = account.email ?? "";
      const at = new Date(world.clock.now).toISOString();
      assert.deepEqual(record, {
        account: {
          id: account.id,
          provider: "email",
          uid: email,
          email,
          ...fields,
          created_at: at,
          updated_at: at,
        },
        passwordHash: "old-hash",
        confirmedAt: world.clock.now,
        lockedAt: null,
        disabledAt: null,
      });
      for (const { accounts } of world.stores) {
        assert.deepEqual(await accounts.find(member, idOf(account)), record);
        assert.deepEqual(await accounts.findByEmail(member, email), record);
        assert.equal(await accounts.findByEmail(member, newEmail()), undefined);
        assert.equal(await accounts.find(member, "999999999"), undefined);
        assert.equal(await accounts.findByEmail(admin, email), undefined);
      }
    },
  },
  {
    name: "fields that were not given are null, false and 0 are kept, and an unconfirmed account says so",
    async run(world) {
      const { account, confirmedAt } = await newAccount(world, {
        confirmed: false,
        fields: { active: false, visits: 0 },
      });
      assert.deepEqual(
        [account.nickname, account.score, account.active, account.visits],
        [null, null, false, 0],
      );
      assert.equal(confirmedAt, null);
    },
  },
  {
    name: "of many registrations of one address at the same moment exactly one succeeds (security 32)",
    async run(world) {
      const email = newEmail();
      const account = {
        provider: "email",
        uid: email,
        email,
        passwordHash: "hash",
        confirmed: false,
        fields: {},
      };
      const made = await Promise.all(
        Array.from({ length: 20 }, (_, i) => storeOf(world, i).accounts.create(member, account)),
      );
      assert.equal(made.filter((record) => record !== "taken").length, 1);
      // Another model has addresses of its own.
      assert.notEqual(await world.stores[0].accounts.create(admin, account), "taken");
    },
  },
  {
    name: "an update changes what it names and nothing else",
    async run(world) {
      const { account } = await newAccount(world, { fields: { nickname: "Ann", visits: 3 } });
      const [{ accounts }] = world.stores;
      world.clock.now += 1000;
      const updated = await accounts.update(member, idOf(account), {
        fields: { nickname: null, score: 2.5 },
      });
      assert(updated && updated !== "taken");
      const at = new Date(world.clock.now).toISOString();
      assert.deepEqual(updated.account, { ...account, nickname: null, score: 2.5, updated_at: at });
      assert.deepEqual(await accounts.find(member, idOf(account)), updated);
      assert.equal(await accounts.update(member, "999999999", { fields: { nickname: "x" } }), undefined);
    },
  },
  {
    name: "a text is kept as it is, whatever its characters mean in a statement",
    async run(world) {
      const [{ accounts, sessions }] = world.stores;
      for (const text of [
        "o'hara",
        "\\",
        "\\' or 1=1 -- ",
        "x', null) -- ",
        '"`$1 ? :a %_',
        "é\n\u2028\u{1f600}",
      ]) {
        const email = `${text}${newEmail()}`;
        const { account } = await newAccount(world, { email, fields: { nickname: text } });
        await newSession(world, idOf(account), { userAgent: text, label: text });
        assert.deepEqual([account.email, account.nickname], [email, text]);
        assert.deepEqual((await accounts.findByEmail(member, email))?.account, account);
        const [listed] = await sessions.list(member, idOf(account));
        assert.deepEqual([listed?.userAgent, listed?.label], [text, text]);
      }
    },
  },
  {
    name: "a new address takes the uid along, and the sessions remember the old one",
    async run(world) {
      const { account } = await newAccount(world);
      const session = await newSession(world, idOf(account));
      const [store] = world.stores;
      const email = newEmail();
      const updated = await store.accounts.update(member, idOf(account), { email });
      assert(updated && updated !== "taken");
      assert.deepEqual([updated.account.email, updated.account.uid], [email, email]);
      const found = await store.sessions.find(member, session.client);
      assert.deepEqual([found?.session.previousUid, found?.account.uid], [account.uid, email]);
    },
  },
  {
    name: "an address that is taken changes nothing of the update, not even its other parts",
    async run(world) {
      const { account: other } = await newAccount(world);
      const { account } = await newAccount(world, { fields: { nickname: "Ann" } });
      const session = await newSession(world, idOf(account));
      const [store] = world.stores;
      const password = { hash: "new", keep: null, endOthers: true };
      const changes = { email: other.uid, fields: { nickname: "Bob" }, password };
      assert.equal(await store.accounts.update(member, idOf(account), changes), "taken");
      const record = await store.accounts.find(member, idOf(account));
      assert.deepEqual(record?.account, account);
      assert.equal(record?.passwordHash, "old-hash");
      assert.equal((await store.sessions.find(member, session.client))?.session.previousUid, null);
    },
  },
  {
    name: "a new password ends the other sessions and the reset links in the same step (security 14)",
    async run(world) {
      const { account } = await newAccount(world);
      const accountId = idOf(account);
      const [mine, other] = [await newSession(world, accountId), await newSession(world, accountId)];
      const [store] = world.stores;
      const hash = newEmail();
      await store.tickets.issue(member, { hash, kind: "password_reset", accountId, email: null, lifespan });
      const keep = { hash: "new", keep: mine.client, endOthers: false };
      const kept = await store.accounts.update(member, accountId, { password: keep });
      assert(kept && kept !== "taken" && kept.passwordHash === "new");
      assert.equal(await store.tickets.find(member, "password_reset", hash), undefined);
      assert(await store.sessions.find(member, other.client));
      await store.accounts.update(member, accountId, { password: { ...keep, endOthers: true } });
      assert(await store.sessions.find(member, mine.client));
      assert.equal(await store.sessions.find(member, other.client), undefined);
    },
  },
  {
    name: "a better hash of the same password takes the place of the one it was made from, and of no other",
    async run(world) {
      const { account } = await newAccount(world);
      const [{ accounts }] = world.stores;
      const hashNow = async () => (await accounts.find(member, idOf(account)))?.passwordHash;
      await accounts.rehash(member, idOf(account), "another", "better");
      assert.equal(await hashNow(), "old-hash");
      await accounts.rehash(member, idOf(account), "old-hash", "better");
      assert.equal(await hashNow(), "better");
    },
  },
  {
    name: "deleting an account deletes its sessions and tickets with it, once, and its id is not given again (security 13)",
    async run(world) {
      const { account } = await newAccount(world);
      const accountId = idOf(account);
      const session = await newSession(world, accountId);
      const [store] = world.stores;
      const hash = newEmail();
      await store.tickets.issue(member, { hash, kind: "confirmation", accountId, email: null, lifespan });
      assert.equal(await store.accounts.delete(member, accountId), true);
      assert.equal(await store.accounts.find(member, accountId), undefined);
      assert.equal(await store.sessions.find(member, session.client), undefined);
      assert.equal(await store.tickets.find(member, "confirmation", hash), undefined);
      assert.equal(await store.accounts.delete(member, accountId), false);
      assert.notEqual(idOf((await newAccount(world)).account), accountId);
    },
  },
];
