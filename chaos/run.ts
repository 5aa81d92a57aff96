/**
 * `npm run chaos -- --minutes 10 --engine postgres --seed 7`: four servers over one database, killed at random together with their
 * connections, while honest clients, thieves and sign-outs race. Without `--engine`: all that there are, one after the other.
 * Prints a table; leaves with 1 if anything happened that should not.
 */
import { parseArgs } from "node:util";
import { root } from "../scripts/entries.mjs";
import { buildServer } from "./build.js";
import { runChaos } from "./chaos.js";
import { type EngineName, engineNames } from "./databases.js";
import { type Tally, tallyTable } from "./tally.js";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "1" },
    engine: { type: "string" },
    seed: { type: "string", default: String(Date.now() % 1e6) },
    kills: { type: "boolean", default: true },
  },
  allowNegative: true,
});
const minutes = Number(values.minutes);
const seed = Number(values.seed);
const chosen = engineNames.filter((name) => values.engine === undefined || name === values.engine);
if (!(minutes > 0 && minutes <= 24 * 60)) throw new RangeError("--minutes is a number above 0, at most 1440");
if (!Number.isInteger(seed)) throw new RangeError("--seed is a whole number");
if (chosen.length === 0) throw new RangeError(`--engine is one of ${engineNames.join(", ")}`);

const tallies = new Map<EngineName, Tally>();
const { server, remove } = await buildServer(root);
try {
  for (const engine of chosen) {
    console.log(`${engine}: ${minutes} min, seed ${seed}`);
    const tally = await runChaos({
      engine,
      server,
      seconds: minutes * 60,
      seed,
      kills: values.kills,
    });
    if (tally) tallies.set(engine, tally);
    else console.log(`skipped: ${engine} (TEST_POSTGRES_URL or TEST_MYSQL_URL not set)`);
  }
} finally {
  remove();
}
console.log(`\n${tallyTable(tallies)}`);
const violations = [...tallies].flatMap(([engine, tally]) =>
  tally.violations.map((what) => `${engine}: ${what}`),
);
for (const violation of violations) console.error(violation);
process.exit(violations.length > 0 ? 1 : 0);
