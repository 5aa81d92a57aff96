import assert from "node:assert/strict";
import { randomId } from "../../engine/random.js";
import { longestPause } from "../counter-port.js";
import { type ContractCase, second, storeOf } from "./world.js";

const plain = { limit: 3, window: 60 * second };
const pausing = { ...plain, pauses: true };
const passed = { isMet: false, retryIn: 0 };

/** The counters' part of the contract. */
export const counterContract: readonly ContractCase[] = [
  {
    name: "a counter lets as many pass as its limit, until its time is over, which what is refused does not prolong",
    async run({ stores: [{ counters }], clock }) {
      const [name, other] = [randomId(), randomId()];
      assert.deepEqual(await counters.look(name, plain), passed);
      for (let i = 0; i < 3; i++) assert.deepEqual(await counters.count(name, plain), passed);
      clock.now += 10 * second;
      const met = { isMet: true, retryIn: 50 * second };
      for (let i = 0; i < 3; i++) assert.deepEqual(await counters.count(name, plain), met);
      assert.deepEqual(await counters.look(name, plain), met);
      assert.deepEqual(await counters.count(other, plain), passed);
      clock.now += 50 * second;
      assert.deepEqual(await counters.look(name, plain), passed);
      for (let i = 0; i < 3; i++) assert.deepEqual(await counters.count(name, plain), passed);
      assert.equal((await counters.count(name, plain)).isMet, true);
      await counters.forget(name);
      assert.deepEqual(await counters.count(name, plain), passed);
    },
  },
  {
    name: "of 50 at one moment, over every connection, as many pass as the limit, also where there was no counter (security 29)",
    async run(world) {
      for (const rule of [plain, pausing]) {
        const name = randomId();
        const done = await Promise.all(
          Array.from({ length: 50 }, (_, i) => storeOf(world, i).counters.count(name, rule)),
        );
        assert.equal(done.filter(({ isMet }) => !isMet).length, 3);
      }
    },
  },
  {
    name: "from its limit on a counter with pauses lets one pass after each, which double up to the longest",
    async run({ stores: [{ counters }], clock }) {
      const name = randomId();
      const rule = { ...pausing, window: 2 * longestPause };
      for (let i = 0; i < 3; i++) assert.deepEqual(await counters.count(name, rule), passed);
      for (let pause = second; pause <= 1024 * second; pause *= 2) {
        const retryIn = Math.min(pause, longestPause);
        assert.deepEqual(await counters.count(name, rule), { isMet: true, retryIn });
        clock.now += retryIn;
        assert.deepEqual(await counters.count(name, rule), passed);
      }
      assert.deepEqual(await counters.look(name, rule), { isMet: true, retryIn: longestPause });
      clock.now += 2 * longestPause;
      assert.deepEqual(await counters.count(name, rule), passed);
      assert.deepEqual(await counters.count(name, rule), passed);
    },
  },
  {
    name: "a time that is given back is as if it had never been counted, with the pause that it has brought about",
    async run({ stores: [{ counters }], clock }) {
      for (const rule of [plain, pausing]) {
        const name = randomId();
        for (let i = 0; i < 3; i++) await counters.count(name, rule);
        assert.equal((await counters.look(name, rule)).isMet, true);
        await counters.giveBack?.(name, rule);
        assert.deepEqual(await counters.count(name, rule), passed);
        assert.equal((await counters.look(name, rule)).isMet, true);
        for (let i = 0; i < 9; i++) await counters.giveBack?.(name, rule);
        for (let i = 0; i < 3; i++) assert.deepEqual(await counters.count(name, rule), passed);
        assert.equal((await counters.count(name, rule)).isMet, true);
        await counters.giveBack?.(randomId(), rule);
      }
      const name = randomId();
      for (let i = 0; i < 3; i++) await counters.count(name, pausing);
      clock.now += second;
      assert.deepEqual(await counters.count(name, pausing), passed);
      // Three are at the limit still.
      await counters.giveBack?.(name, pausing);
      assert.equal((await counters.look(name, pausing)).isMet, true);
    },
  },
  {
    name: "a clock that is set back shuts nobody out for longer than two times of the counter",
    async run({ stores: [{ counters }], clock }) {
      for (const rule of [plain, pausing]) {
        const [far, near] = [randomId(), randomId()];
        for (const name of [far, near]) for (let i = 0; i < 4; i++) await counters.count(name, rule);
        clock.now -= 50 * second;
        assert.equal((await counters.look(near, rule)).isMet, true);
        assert.equal((await counters.count(near, rule)).isMet, true);
        clock.now -= 24 * 3600 * second;
        assert.deepEqual(await counters.look(far, rule), passed);
        for (let i = 0; i < 3; i++) assert.deepEqual(await counters.count(far, rule), passed);
        // It counts by the clock as it is now.
        assert.equal((await counters.count(far, rule)).isMet, true);
        clock.now += 60 * second;
        assert.deepEqual(await counters.count(far, rule), passed);
        clock.now += 24 * 3600 * second;
      }
    },
  },
  {
    name: "counters whose time is over are swept, and others stay",
    async run({ stores: [store], clock }) {
      const [old, young] = [randomId(), randomId()];
      const once = { ...plain, limit: 1 };
      await store.counters.count(old, once);
      clock.now += 50 * second;
      await store.counters.count(young, once);
      clock.now += 10 * second;
      let swept = 0;
      for (let i = 0; i < 3; i++, clock.now += second) swept += await store.sweep(second);
      assert(swept >= 1);
      assert.deepEqual(await store.counters.look(old, once), passed);
      assert.equal((await store.counters.look(young, once)).isMet, true);
    },
  },
];
