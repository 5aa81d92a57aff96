import assert from "node:assert/strict";
import { randomId } from "../../engine/random.js";
import type { NewTicket } from "../ticket-port.js";
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

/** Expired rows are deleted in the background, by any one of the servers. */
export const sweepingContract: readonly ContractCase[] = [
  {
    name: "sweeping deletes sessions and tickets that have expired, and nothing else",
    async run(world) {
      const { account } = await newAccount(world);
      const id = idOf(account);
      const [brief, kept] = [
        await newSession(world, id, { lifespan: second }),
        await newSession(world, id, { lifespan }),
      ];
      const store = storeOf(world, 0);
      const ticket = { accountId: id, email: null };
      const briefTicket: NewTicket = { ...ticket, hash: newHash(), kind: "confirmation", lifespan: second };
      const keptTicket: NewTicket = { ...ticket, hash: newHash(), kind: "password_reset", lifespan };
      for (const one of [briefTicket, keptTicket]) await store.tickets.issue(member, one);
      world.clock.now = brief.expiresAt - 1;
      await sweepAll(world);
      assert(await store.sessions.find(member, brief.client));
      world.clock.now += second;
      assert.equal(await sweepAll(world), 2);
      assert.equal(await store.sessions.find(member, brief.client), undefined);
      assert(await store.sessions.find(member, kept.client));
      assert(await store.tickets.find(member, "password_reset", keptTicket.hash));
    },
  },
  {
    name: "sweeping goes through everything in steps of some hundred rows, whichever server takes them",
    async run(world) {
      // Over many accounts: the sessions of one are counted at each sign-in.
      const owners: string[] = [];
      for (let i = 0; i < 20; i++) owners.push(idOf((await newAccount(world)).account));
      const brief: string[] = [];
      for (let i = 0; i < 1100; i++) {
        // Names that sort differently in different languages.
        const client = `${i % 3 ? "~" : "Z"}${i % 5 ? "-" : "_"}${randomId()}`;
        const { expiresAt } = await newSession(world, owners[i % owners.length] ?? "", {
          client,
          lifespan: i % 2 ? second : lifespan,
          limit: 5000,
        });
        if (expiresAt <= world.clock.now + second) brief.push(client);
      }
      assert.equal(brief.length, 550);
      world.clock.now += 2 * second;
      assert.equal(await sweepAll(world), 550);
      for (const client of brief)
        assert.equal(await storeOf(world, 1).sessions.find(member, client), undefined);
      let kept = 0;
      for (const owner of owners) {
        kept += (await storeOf(world, 0).sessions.list(member, owner)).length;
        await storeOf(world, 0).sessions.endAll(member, owner);
      }
      assert.equal(kept, 550);
    },
  },
  {
    name: "of several servers one sweeps within the interval, and none waits for a clock that was set back",
    async run(world) {
      const { account } = await newAccount(world);
      const interval = 60 * second;
      const over = async (): Promise<void> => {
        await newSession(world, idOf(account), { lifespan: second });
        world.clock.now += 2 * second;
      };
      /** How many of three servers found something to do. */
      const sweepTogether = async (): Promise<number> => {
        const counts = await Promise.all([0, 1, 2].map((i) => storeOf(world, i).sweep(interval)));
        return counts.filter((count) => count > 0).length;
      };
      await sweepAll(world);
      world.clock.now += interval;
      await over();
      assert.equal(await sweepTogether(), 1);
      await over();
      assert.equal(await sweepTogether(), 0);
      world.clock.now += interval;
      assert.equal(await sweepTogether(), 1);
      world.clock.now -= 3 * interval;
      await over();
      assert.equal(await sweepTogether(), 1);
      world.clock.now += 4 * interval;
      await sweepAll(world);
    },
  },
];

/** Until nothing is left, by one server after the other; returns how many rows were deleted. */
async function sweepAll(world: ContractWorld): Promise<number> {
  let swept = 0;
  // A sweep stops after a moment, wherever it is; here nobody needs ten of them.
  for (let i = 0; i < 10; i++) swept += await storeOf(world, i).sweep(0);
  return swept;
}
