import { describe, expect, test } from "vitest";
import { columns, networks, seeded, simulate } from "../../test/fixtures/rotation-simulation.js";
import { day, testEngine, user } from "../../test/fixtures/sessions.js";

/** Share of runs, in percent, in which the client may be locked out at most: docs/rotation.md §5, and room for so few runs. */
const promised: readonly (readonly number[])[] = [
  [0, 2, 0, 0, 0],
  [0, 30, 0, 0, 0],
  [56, 67, 0, 0, 0],
  [0, 3, 0, 0, 0],
  [96, 100, 0, 14, 0],
  [0, 0.2, 0, 0, 0],
];
const runs = 25;
const room = 15;

const cells = networks.flatMap((network, row) =>
  columns.map((column, i) => ({
    network,
    ...column,
    name: network.name,
    most: promised[row]?.[i] ?? 0,
    seed: 10 * row + i,
  })),
);

const engine = await testEngine();
const account = await engine.register();

async function share(
  cell: (typeof cells)[number],
  settings = {},
): Promise<{ lockedOut: number; refused: number }> {
  const { network, mode, habit, seed } = cell;
  const rules = { lostResponses: mode, batchRequestBufferThrottle: network.window, ...settings };
  const world = { sessions: engine.server({ settings: rules }), model: user, account, clock: engine.clock };
  const random = seeded(seed);
  let [lockedOut, refused] = [0, 0];
  for (let run = 0; run < runs; run++) {
    const outcome = await simulate(world, network, habit, random);
    if (outcome.lockedOut) lockedOut++;
    refused += outcome.refusedUnderWay;
    await engine.store.sessions.endModel(user);
  }
  engine.events.length = 0;
  return { lockedOut: (100 * lockedOut) / runs, refused };
}

describe("honest clients on bad networks (security 8)", () => {
  test.each(cells)("$name; $mode, $habit: locked out in at most $most % of the runs", async (cell) => {
    const { lockedOut, refused } = await share(cell);
    // A promise of none is kept without any room where it is one: for whoever keeps the newest token, and in "recover".
    const exact = cell.most === 0;
    expect(lockedOut).toBeLessThanOrEqual(exact ? 0 : cell.most + room);
    if (cell.mode === "recover" && cell.habit === "ordered") expect(refused).toBe(0);
  });

  test.each(cells.filter(({ mode, habit }) => mode === "recover" && habit === "ordered"))(
    "$name; recover, ordered: nobody is locked out where an absolute end bounds every expiry",
    async (cell) => {
      expect(await share(cell, { sessionLifetime: day })).toEqual({ lockedOut: 0, refused: 0 });
    },
  );
});
