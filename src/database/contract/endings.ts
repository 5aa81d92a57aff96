import assert from "node:assert/strict";
import { randomId } from "../../engine/random.js";
import {
  admin,
  type ContractCase,
  dueSession,
  idOf,
  lifespan,
  member,
  namesakes,
  newAccount,
  newHash,
  newSession,
  second,
  storeOf,
  window,
} from "./world.js";

/** The part of the contract about lists, limits and the end of sessions. */
export const endingContract: readonly ContractCase[] = [
  {
    name: "a list shows the account's own sessions that have not expired, the latest used first (security 15)",
    async run(world) {
      const { account } = await newAccount(world);
      const { account: other } = await newAccount(world);
      const [store] = world.stores;
      const label = `it's "quoted"; \\ ünïcode 😀 %_`;
      const short = await newSession(world, idOf(account), { lifespan: 10 * second });
      const first = await newSession(world, idOf(account), { label, userAgent: "x".repeat(512) });
      world.clock.now += window;
      const last = await newSession(world, idOf(account));
      await newSession(world, idOf(other));
      const list = () => store.sessions.list(member, idOf(account));
      const clients = async (): Promise<Set<string>> => new Set((await list()).map(({ client }) => client));
      assert.equal((await list())[0]?.client, last.client);
      assert.deepEqual(await clients(), new Set([short.client, first.client, last.client]));
      world.clock.now = short.expiresAt;
      assert.deepEqual(
        (await list()).map(({ client }) => client),
        [last.client, first.client],
      );
      assert.deepEqual((await list())[1]?.label, label);
      assert.equal((await list())[1]?.userAgent?.length, 512);
      assert.deepEqual(await store.sessions.list(admin, idOf(account)), []);
    },
  },
  {
    name: "a session is ended by its owner and no one else, once (security 12, 15)",
    async run(world) {
      const { account, session } = await dueSession(world);
      const { account: other } = await newAccount(world);
      const [store] = world.stores;
      assert.equal(await store.sessions.end(member, idOf(other), session.client), false);
      assert.equal(await store.sessions.end(admin, idOf(account), session.client), false);
      assert.equal(await store.sessions.end(member, idOf(account), randomId()), false);
      assert.equal(await store.sessions.end(member, idOf(account), session.client), true);
      for (const each of world.stores)
        assert.equal(await each.sessions.find(member, session.client), undefined);
      assert.equal(await store.sessions.end(member, idOf(account), session.client), false);
    },
  },
  {
    name: "all sessions of an account end, but the one that is named (security 14, 16)",
    async run(world) {
      const { account } = await newAccount(world);
      const { account: other } = await newAccount(world);
      const [store] = world.stores;
      const clients: string[] = [];
      for (let i = 0; i < 4; i++) clients.push((await newSession(world, idOf(account))).client);
      const stranger = await newSession(world, idOf(other));
      assert.equal(await store.sessions.endAll(member, idOf(account), clients[2]), 3);
      assert.deepEqual(
        (await store.sessions.list(member, idOf(account))).map(({ client }) => client),
        [clients[2]],
      );
      assert.equal(await store.sessions.endAll(member, idOf(account)), 1);
      assert.equal(await store.sessions.endAll(member, idOf(account)), 0);
      assert(await store.sessions.find(member, stranger.client));
    },
  },
  {
    name: "all sessions of a model end, and none of another (security 16)",
    async run(world) {
      const { session } = await dueSession(world);
      const { account: boss } = await newAccount(world, { model: admin });
      const kept = await newSession(world, idOf(boss), { model: admin });
      const [store] = world.stores;
      assert((await store.sessions.endModel(member)) > 0);
      assert.equal(await store.sessions.find(member, session.client), undefined);
      assert(await store.sessions.find(admin, kept.client));
    },
  },
  {
    name: "an e-mail change does not outlive the session that may have asked for it, when others end that (security 12)",
    async run(world) {
      const [store] = world.stores;
      const waiting = async () => {
        const { account, session } = await dueSession(world);
        const hash = newHash();
        await store.tickets.issue(member, {
          hash,
          kind: "email_change",
          accountId: idOf(account),
          email: "new@example.com",
          lifespan,
        });
        const isThere = async (): Promise<boolean> =>
          (await store.tickets.find(member, "email_change", hash)) !== undefined;
        return { id: idOf(account), client: session.client, isThere };
      };
      const signedOut = await waiting();
      assert(await store.sessions.end(member, signedOut.id, signedOut.client));
      assert(await signedOut.isThere());
      const revoked = await waiting();
      const other = await newSession(world, revoked.id);
      assert.equal(await store.sessions.revoke(member, revoked.id, randomId(), other.client), false);
      assert(await revoked.isThere());
      assert(await store.sessions.revoke(member, revoked.id, revoked.client, other.client));
      assert.equal(await revoked.isThere(), false);
      assert(await store.sessions.find(member, other.client));
      // A session that has ended ends no other.
      assert.equal(await store.sessions.revoke(member, revoked.id, other.client, revoked.client), false);
      const all = await waiting();
      await store.sessions.endModel(member);
      assert.equal(await all.isThere(), false);
    },
  },
  {
    name: "a session that was ended is not brought back by a rotation that was already under way (security 12)",
    async run(world) {
      for (let i = 0; i < 10; i++) {
        const { account, session } = await dueSession(world);
        const { client, tokenHash } = session;
        const rest = { nextTokenHash: newHash(), nonce: randomId(), window, lifespan, address: null };
        await Promise.all([
          storeOf(world, i).sessions.rotate(member, { client, tokenHash, uid: account.uid, ...rest }),
          storeOf(world, i + 1).sessions.end(member, idOf(account), client),
        ]);
        assert.equal(await world.stores[0].sessions.find(member, client), undefined);
      }
    },
  },
  {
    name: "beyond the limit the longest unused session goes, never the new one (security 17)",
    async run(world) {
      const [store] = world.stores;
      // Whichever of the two ids comes first in the index.
      for (const ids of ["ab", "ba"]) {
        const { account, session: first } = await dueSession(world, {
          limit: 2,
          client: ids[0] + randomId(),
        });
        const second = await newSession(world, idOf(account), { limit: 2, client: ids[1] + randomId() });
        world.clock.now += window;
        const { client, tokenHash } = first;
        const rest = { nextTokenHash: newHash(), nonce: randomId(), window, lifespan, address: null };
        await store.sessions.rotate(member, { client, tokenHash, uid: account.uid, ...rest });
        // The clock was set back: the new session looks the least used.
        world.clock.now -= 10 * window;
        const third = await newSession(world, idOf(account), { limit: 2, client: `c${randomId()}` });
        const left = await store.sessions.list(member, idOf(account));
        assert.deepEqual(new Set(left.map((one) => one.client)), new Set([first.client, third.client]));
        assert.equal(await store.sessions.find(member, second.client), undefined);
      }
    },
  },
  {
    name: "sessions of reset links push no device out, and are not in the list (security 17)",
    async run(world) {
      const { account } = await newAccount(world);
      const [store] = world.stores;
      const device = await newSession(world, idOf(account), { limit: 2 });
      for (let i = 0; i < 5; i++)
        await newSession(world, idOf(account), { limit: 2, limitedTo: `ticket-${i}` });
      const listed = await store.sessions.list(member, idOf(account));
      assert.deepEqual(
        listed.map(({ client }) => client),
        [device.client],
      );
      assert(await store.sessions.find(member, device.client));
    },
  },
  {
    name: "the limit counts the sessions of one account of one model (security 17; property 5)",
    async run(world) {
      const [store] = world.stores;
      const accountId = await namesakes(world);
      const { account: other } = await newAccount(world);
      const clientsOf = async (model = member, id = accountId): Promise<number> =>
        (await store.sessions.list(model, id)).length;
      for (let i = 0; i < 2; i++) await newSession(world, accountId);
      world.clock.now += second;
      for (let i = 0; i < 3; i++) await newSession(world, accountId, { model: admin, limit: 3 });
      for (let i = 0; i < 3; i++) await newSession(world, idOf(other), { limit: 3 });
      assert.deepEqual(
        [await clientsOf(), await clientsOf(admin), await clientsOf(member, idOf(other))],
        [2, 3, 3],
      );
      world.clock.now -= second;
      await newSession(world, accountId, { limit: 3 });
      assert.deepEqual(
        [await clientsOf(), await clientsOf(admin), await clientsOf(member, idOf(other))],
        [3, 3, 3],
      );
      assert.equal(await store.sessions.endAll(member, accountId), 3);
      assert.deepEqual([await clientsOf(), await clientsOf(admin)], [0, 3]);
    },
  },
  {
    name: "an expired session does not count for the limit (security 17)",
    async run(world) {
      const { account } = await newAccount(world);
      const kept = await newSession(world, idOf(account), { limit: 2 });
      world.clock.now += second;
      const brief = await newSession(world, idOf(account), { limit: 2, lifespan: second });
      world.clock.now = brief.expiresAt;
      const added = await newSession(world, idOf(account), { limit: 2 });
      const left = await world.stores[0].sessions.list(member, idOf(account));
      assert.deepEqual(new Set(left.map((one) => one.client)), new Set([kept.client, added.client]));
    },
  },
  {
    name: "sign-ins at the same moment all return a session, and the limit holds afterwards (security 17)",
    async run(world) {
      const { account } = await newAccount(world);
      const { account: other } = await newAccount(world);
      const stranger = await newSession(world, idOf(other));
      const opened = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          newSession({ ...world, stores: [storeOf(world, i)] }, idOf(account), { limit: 3 }),
        ),
      );
      const left = await world.stores[0].sessions.list(member, idOf(account));
      assert.equal(left.length, 3);
      const made = new Set(opened.map(({ client }) => client));
      assert(left.every(({ client }) => made.has(client)));
      assert(await world.stores[0].sessions.find(member, stranger.client));
    },
  },
  {
    name: "every connection has the same server key, whoever asks first",
    async run(world) {
      const keys = await Promise.all(world.stores.flatMap((store) => [store.serverKey(), store.serverKey()]));
      assert.equal(new Set(keys).size, 1);
      assert(Buffer.from(keys[0] ?? "", "base64url").length === 32);
    },
  },
  {
    name: "migrating again changes nothing, and a check finds nothing missing",
    async run(world) {
      const { session } = await dueSession(world);
      for (const store of world.stores) {
        await store.migrate("apply");
        await store.migrate("check");
      }
      assert(await world.stores[0].sessions.find(member, session.client));
    },
  },
];
