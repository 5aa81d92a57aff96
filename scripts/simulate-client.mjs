/**
 * The client's model test with more schedules: `npm run simulate:client -- [count] [seed]`, 10,000 and a seed of today by default.
 * Prints both, so that a failure can be run again.
 */
import { npm, run, setup } from "./setup.mjs";

await setup();
const [count = "10000", seed = String(Math.floor(Date.now() / 1000))] = process.argv.slice(2);
process.env["CLIENT_SCHEDULES"] = count;
process.env["CLIENT_SEED"] = seed;
process.exitCode = await run(...npm("exec", "--", "vitest", "run", "src/client/network.model.test.ts"));
