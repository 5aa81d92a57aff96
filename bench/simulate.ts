/**
 * Prints how often honest clients are locked out on bad networks: the table of docs/rotation.md, from the real engine over SQLite in
 * memory, always with the same numbers. `node --import jiti/register bench/simulate.ts [runs]`, 3000 runs a cell by default.
 */

import { columns, networks, seeded, simulate } from "../test/fixtures/rotation-simulation.js";
import { day, testEngine, user } from "../test/fixtures/sessions.js";

const runs = Number(process.argv[2] ?? 3000);
const lifetime = process.argv[3] === undefined ? null : Number(process.argv[3]) * day;
const engine = await testEngine();
const { clock, store } = engine;
const account = await engine.register();
const percent = (share: number): string => `${(100 * share).toFixed(share > 0 && share < 0.01 ? 2 : 0)} %`;

console.log(`| network | ${columns.map(({ mode, habit }) => `${mode}, ${habit}`).join(" | ")} |`);
console.log(`|---${"|---".repeat(columns.length)}|`);
for (const [row, network] of networks.entries()) {
  const cells: string[] = [];
  for (const [column, { mode, habit }] of columns.entries()) {
    const random = seeded(1000 * row + column);
    const settings = {
      lostResponses: mode,
      batchRequestBufferThrottle: network.window,
      sessionLifetime: lifetime,
    };
    const sessions = engine.server({ settings });
    let [lockedOut, refused] = [0, 0];
    for (let run = 0; run < runs; run++) {
      const outcome = await simulate({ sessions, model: user, account, clock }, network, habit, random);
      if (outcome.lockedOut) lockedOut++;
      if (outcome.refusedUnderWay > 0) refused++;
      engine.events.length = 0;
      await store.sessions.endModel(user);
    }
    cells.push(`${percent(lockedOut / runs)}${refused > 0 ? ` (${percent(refused / runs)})` : ""}`);
  }
  console.log(`| ${network.name} | ${cells.join(" | ")} |`);
}
console.log("\nIn brackets: runs with a request refused that had been under way for less than a window.");
