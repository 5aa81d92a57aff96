/** `npm test`, `npm test -- src/engine/verdict.test.ts`, `npm test -- -t "a token presented twice"`. */
import { startPostgres } from "./embedded-postgres.mjs";
import { run, setup } from "./setup.mjs";

await setup();
const stopPostgres = await startPostgres();
process.exitCode = await run(
  process.execPath,
  "node_modules/vitest/vitest.mjs",
  "run",
  ...process.argv.slice(2),
);
await stopPostgres();
