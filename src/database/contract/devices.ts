import assert from "node:assert/strict";
import type { SeenDevice } from "../device-port.js";
import {
  admin,
  type ContractCase,
  type ContractWorld,
  idOf,
  lifespan,
  member,
  namesakes,
  newAccount,
  newHash,
  newSession,
  second,
  storeOf,
} from "./world.js";

const year = 365 * 24 * 3600 * second;

/** Notes a device of a session that is opened for it. */
async function note(world: ContractWorld, id: string, given: Partial<SeenDevice> = {}, i = 0) {
  const { client } = await newSession(world, id, { limit: 1000 });
  const device = { hash: newHash(), wasShown: false, family: "Firefox (Linux)", lifespan: year, limit: 3 };
  return storeOf(world, i).devices.note(member, id, { ...device, client, ...given });
}

const newId = async (world: ContractWorld): Promise<string> => idOf((await newAccount(world)).account);

/** Which of these devices are known, as a row of 1 and 0. */
async function known({ stores: [{ devices }] }: ContractWorld, hashes: readonly string[]): Promise<string> {
  const found = await Promise.all(hashes.map((hash) => devices.isKnown(hash)));
  return found.map(Number).join("");
}

const hashes = (count: number): readonly string[] => Array.from({ length: count }, newHash);

/** The part of the contract that is about known devices. */
export const deviceContract: readonly ContractCase[] = [
  {
    name: "a device is known by its mark, else by its family, and the first one of an account is neither",
    async run(world) {
      const [id, other] = [await newId(world), await newId(world)];
      const hash = newHash();
      assert.equal(await known(world, [hash]), "0");
      assert.equal(await note(world, id, { hash }), "first");
      assert.equal(await known(world, [hash]), "1");
      assert.equal(await note(world, id, { hash, family: "Edge (Windows)" }), "known");
      assert.equal(await note(world, id, { family: "Firefox (Linux)" }), "new");
      assert.equal(await note(world, id, { family: "Edge (Windows)" }), "family");
      assert.equal(await note(world, other, { family: "Edge (Windows)" }), "first");
    },
  },
  {
    name: "of many devices the longest unused goes, and before it those that have never shown their mark",
    async run(world) {
      const id = await newId(world);
      const [phone = "", laptop = "", tablet = "", ...guests] = hashes(6);
      for (const hash of [phone, laptop]) {
        await note(world, id, { hash, wasShown: true });
        world.clock.now += second;
      }
      for (const hash of guests) await note(world, id, { hash });
      assert.equal(await known(world, [phone, laptop, ...guests]), "11001");
      await note(world, id, { hash: tablet, wasShown: true });
      assert.equal(await known(world, [phone, laptop, tablet, ...guests]), "111000");
      world.clock.now += second;
      await note(world, id, { hash: phone, wasShown: true });
      await note(world, id, { wasShown: true });
      assert.equal(await known(world, [phone, laptop, tablet]), "101");
    },
  },
  {
    name: "of 8 new devices at one moment, over every connection, as many stay as an account may have",
    async run(world) {
      const id = await newId(world);
      const all = hashes(8);
      await Promise.all(all.map((hash, i) => note(world, id, { hash }, i)));
      assert.equal((await known(world, all)).replaceAll("0", ""), "111");
    },
  },
  {
    name: "the devices of an account are listed, the latest seen first, and forgotten one by one, or all",
    async run(world) {
      const { devices } = world.stores[0];
      const [id, other] = [await newId(world), await newId(world)];
      const [first = "", newer = "", late = "", foreign = ""] = hashes(4);
      await note(world, id, { hash: first, family: "" });
      world.clock.now += second;
      await note(world, id, { hash: late, lifespan: second });
      await note(world, id, { hash: newer, wasShown: true });
      await note(world, other, { hash: foreign });
      world.clock.now += second;
      await note(world, id, { hash: first, family: "Safari (iOS)" });
      const { now } = world.clock;
      const seen = { firstSeenAt: now - second, lastSeenAt: now - second, expiresAt: now - second + year };
      assert.deepEqual(await devices.list(member, id), [
        {
          id: first,
          family: "Safari (iOS)",
          wasShown: false,
          firstSeenAt: now - 2 * second,
          lastSeenAt: now,
          expiresAt: now + year,
        },
        { id: newer, family: "Firefox (Linux)", wasShown: true, ...seen },
      ]);
      assert.equal(await devices.forget(member, other, first), 0);
      assert.equal(await devices.forget(admin, id, first), 0);
      assert.equal(await devices.forget(member, id, first), 1);
      assert.equal(await devices.forget(member, id, first), 0);
      assert.equal(await known(world, [first, newer, foreign]), "011");
      assert.equal(await devices.forget(member, id), 2);
      assert.equal(await known(world, [newer, foreign]), "01");
      assert.deepEqual(await devices.list(member, id), []);
    },
  },
  {
    name: "one device that signs in 10 times at one moment is one device",
    async run(world) {
      const id = await newId(world);
      await note(world, id);
      const hash = newHash();
      const told = await Promise.all(
        Array.from({ length: 10 }, (_, i) => note(world, id, { hash, family: "Safari (iOS)" }, i)),
      );
      assert.equal(told.filter((one) => one === "new").length, 1);
      assert.equal(told.filter((one) => one === "known").length, 9);
      assert.equal(await world.stores[0].devices.forget(member, id), 2);
    },
  },
  {
    name: "a device whose session has ended is not remembered, nor one of an account that is deleted at that moment",
    async run(world) {
      const [store] = world.stores;
      const id = await newId(world);
      const hash = newHash();
      const { client } = await newSession(world, id);
      await store.sessions.end(member, id, client);
      assert.equal(await note(world, id, { hash, client }), undefined);
      assert.equal(await known(world, [hash]), "0");
      const racing = await newSession(world, id);
      const [, deleted] = await Promise.all([
        note({ ...world, stores: [storeOf(world, 1)] }, id, { hash, client: racing.client }).catch(
          () => undefined,
        ),
        storeOf(world, 2).accounts.delete(member, id),
      ]);
      assert.equal(deleted, true);
      assert.equal(await known(world, [hash]), "0");
    },
  },
  {
    name: "devices are forgotten after their time, with their account, and with a new password that ends the sessions",
    async run(world) {
      const [store] = world.stores;
      const same = await namesakes(world);
      const [brief = "", foreign = "", changed = "", kept = "", deleted = ""] = hashes(5);
      await note(world, same, { hash: brief, lifespan: 10 * second });
      const { client } = await newSession(world, same, { model: admin });
      const device = { wasShown: true, family: "", client, lifespan: year, limit: 3 };
      assert.equal(await store.devices.note(admin, same, { ...device, hash: foreign }), "first");
      world.clock.now += 10 * second;
      assert.equal(await known(world, [brief, foreign]), "01");
      assert.equal(await note(world, same, { hash: brief }), "first");
      assert.equal(await known(world, [brief]), "1");
      await note(world, same, { hash: changed });
      const password = { hash: "new", keep: null };
      await store.accounts.update(member, same, { password: { ...password, endOthers: true } });
      assert.equal(await known(world, [brief, changed, foreign]), "001");
      await note(world, same, { hash: kept });
      await store.accounts.update(member, same, { password: { ...password, endOthers: false } });
      assert.equal(await known(world, [kept]), "1");
      const id = await newId(world);
      await note(world, id, { hash: deleted });
      await store.accounts.delete(member, id);
      assert.equal(await known(world, [deleted]), "0");
    },
  },
  {
    name: "what its owner disowns ends that sign-in's session and those that were opened since, and forgets their devices, once (security 24)",
    async run(world) {
      const [store] = world.stores;
      const id = await newId(world);
      const [own = "", thief = "", later = ""] = hashes(3);
      const before = await newSession(world, id);
      await note(world, id, { hash: own, client: before.client, limit: 20 });
      world.clock.now += second;
      const stolen = await newSession(world, id);
      await note(world, id, { hash: thief, client: stolen.client, limit: 20 });
      world.clock.now += second;
      const after = await newSession(world, id);
      await note(world, id, { hash: later, client: after.client, limit: 20 });
      const foreign = await newSession(world, await newId(world));
      const hash = newHash();
      const ticket = { hash, kind: "new_device", accountId: id, email: null, lifespan } as const;
      await store.tickets.issue(member, { ...ticket, since: stolen.rotatedAt });
      assert.equal(await store.tickets.unlock(member, hash), undefined);
      assert.equal(await store.tickets.disown(admin, hash), undefined);
      const told = await Promise.all(
        Array.from({ length: 10 }, (_, i) => storeOf(world, i).tickets.disown(member, hash)),
      );
      assert.deepEqual(
        told.flatMap((one) => (one ? [idOf(one.account)] : [])),
        [id],
      );
      for (const { client } of [stolen, after])
        assert.equal(await store.sessions.find(member, client), undefined);
      for (const { client } of [before, foreign]) assert(await store.sessions.find(member, client));
      assert.equal(await known(world, [own, thief, later]), "100");
    },
  },
];
