import assert from "node:assert/strict";
import type { FlowKind, NewFlow } from "../flow-port.js";
import { type ContractCase, type ContractWorld, lifespan, newHash, second, storeOf } from "./world.js";

async function put(world: ContractWorld, given: Partial<NewFlow> = {}): Promise<NewFlow> {
  const flow = { kind: "flow" as FlowKind, hash: newHash(), data: '{"a":"ü 😀"}', lifespan, ...given };
  assert.equal(await world.stores[0].flows.put(flow), true);
  return flow;
}

/** One-time entries: each is used once, whoever asks. */
export const flowContract: readonly ContractCase[] = [
  {
    name: "an entry is found by its kind and hash until it expires (security 39)",
    async run(world) {
      const { hash, data } = await put(world);
      const { flows } = storeOf(world, 1);
      assert.deepEqual(await flows.find("flow", hash), { data, usedAt: null });
      assert.equal(await flows.find("code", hash), undefined);
      assert.equal(await flows.find("flow", newHash()), undefined);
      world.clock.now += lifespan;
      assert.equal(await flows.find("flow", hash), undefined);
      assert.equal(await flows.take("flow", hash), undefined);
    },
  },
  {
    name: "of 50 that take an entry at the same moment exactly one gets it, on several servers (security 39, 43)",
    async run(world) {
      const { hash, data } = await put(world, { kind: "code" });
      const taken = await Promise.all(
        Array.from({ length: 50 }, (_, i) => storeOf(world, i).flows.take("code", hash)),
      );
      assert.deepEqual(
        taken.filter((one) => one !== undefined),
        [{ data, usedAt: null }],
      );
      const found = await storeOf(world, 1).flows.find("code", hash);
      assert.equal(found?.usedAt, world.clock.now);
      assert.equal(await storeOf(world, 0).flows.take("code", hash), undefined);
    },
  },
  {
    name: "an entry that is given back can be taken once more",
    async run(world) {
      const { hash, data } = await put(world, { kind: "invitation" });
      const { flows } = storeOf(world, 0);
      await flows.take("invitation", hash);
      await storeOf(world, 1).flows.giveBack("code", hash);
      assert.equal(await flows.take("invitation", hash), undefined);
      await storeOf(world, 1).flows.giveBack("invitation", hash);
      assert.deepEqual(await flows.take("invitation", hash), { data, usedAt: null });
      assert.equal(await flows.take("invitation", hash), undefined);
    },
  },
  {
    name: "what is put a second time stays as it was",
    async run(world) {
      const { hash, data } = await put(world, { kind: "name" });
      const again = { kind: "name" as const, hash, data: "{}", lifespan };
      assert.equal(await storeOf(world, 1).flows.put(again), false);
      assert.equal((await storeOf(world, 0).flows.find("name", hash))?.data, data);
    },
  },
  {
    name: "sweeping deletes entries that have expired, and no others",
    async run(world) {
      const brief = await put(world, { lifespan: second });
      const kept = await put(world);
      world.clock.now += 2 * second;
      let swept = 0;
      for (let i = 0; i < 10; i++) swept += await storeOf(world, i).sweep(0);
      assert(swept >= 1);
      world.clock.now -= 2 * second;
      assert.equal(await storeOf(world, 0).flows.find("flow", brief.hash), undefined);
      assert(await storeOf(world, 0).flows.find("flow", kept.hash));
    },
  },
];
