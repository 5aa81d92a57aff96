import assert from "node:assert/strict";
import type { ContractCase } from "./world.js";

export const probingContract: readonly ContractCase[] = [
  {
    name: "a probe says that statements can be done, and what time it is there",
    async run({ stores, clock }) {
      for (const store of stores)
        assert.deepEqual(await store.probe(), { isReadOnly: false, now: clock.now });
    },
  },
];
