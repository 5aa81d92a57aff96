import { accountContract } from "./contract-accounts.js";
import { endingContract } from "./contract-endings.js";
import { sessionContract } from "./contract-sessions.js";
import { sweepingContract } from "./contract-sweeping.js";
import { ticketContract } from "./contract-tickets.js";
import type { ContractCase } from "./contract-world.js";

/**
 * What every store has to do, whichever engine is below it. A suite runs all cases over its own `Database`, in one world:
 *
 *     const world = await openContractWorld(sqlite("app.db"), 2);
 *     test.each(storeContract)("$name", ({ run }) => run(world));
 */
export const storeContract: readonly ContractCase[] = [
  ...sessionContract,
  ...endingContract,
  ...accountContract,
  ...ticketContract,
  ...sweepingContract,
];
