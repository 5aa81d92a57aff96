import { accountContract } from "./accounts.js";
import { auditContract } from "./audit.js";
import { counterContract } from "./counters.js";
import { deviceContract } from "./devices.js";
import { endingContract } from "./endings.js";
import { flowContract } from "./flows.js";
import { identityContract } from "./identities.js";
import { invitationContract } from "./invitations.js";
import { linkingContract } from "./linking.js";
import { listingContract } from "./listing.js";
import { lockContract } from "./locks.js";
import { probingContract } from "./probing.js";
import { resetContract } from "./resets.js";
import { rotationRulesContract } from "./rotation-rules.js";
import { sessionContract } from "./sessions.js";
import { sweepingContract } from "./sweeping.js";
import { ticketContract } from "./tickets.js";
import type { ContractCase } from "./world.js";

/**
 * What every store has to do, whichever engine is below it. A suite runs all cases over its own `Database`, in one world:
 *
 *     const world = await openContractWorld(sqlite("app.db"), 2);
 *     test.each(storeContract)("$name", ({ run }) => run(world));
 */
export const storeContract: readonly ContractCase[] = [
  ...sessionContract,
  ...rotationRulesContract,
  ...endingContract,
  ...accountContract,
  ...ticketContract,
  ...identityContract,
  ...linkingContract,
  ...resetContract,
  ...flowContract,
  ...invitationContract,
  ...lockContract,
  ...listingContract,
  ...sweepingContract,
  ...probingContract,
  ...counterContract,
  ...auditContract,
  ...deviceContract,
];
