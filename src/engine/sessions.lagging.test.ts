import { describe, expect, onTestFinished, test } from "vitest";
import {
  authentication,
  defaults,
  eventNames,
  generationOf,
  show,
  signedInTo,
  testEngine,
} from "../../test/fixtures/sessions.js";
import type { BoundQuery, Result } from "../database/driver.js";
import { sqliteExecutor } from "../database/sqlite/sqlite.js";
import { openSqlite } from "../database/sqlite/sqlite-driver.js";

/** Finding G36: a copy of the database that has not followed yet, such as another node of a Galera cluster. */

const window = defaults.batchRequestBufferThrottle;

/** The engine over a copy that has no rows of the tables that it `hides`. Once it has `stopped`, selects find what the first of them found then, until somebody needs the latest. */
async function laggingEngine() {
  const copy = { stopped: false, looks: 0, hides: new Set<string>() };
  const seen = new Map<string, Promise<Result>>();
  const engine = await testEngine(async (now) => {
    const executor = sqliteExecutor(await openSqlite(":memory:"), now);
    const run = (query: BoundQuery): Promise<Result> => {
      if (!/^select/i.test(query.sql)) return executor.run(query);
      if ([...copy.hides].some((table) => query.sql.includes(table)))
        return Promise.resolve({ rows: [], changes: 0 });
      const key = JSON.stringify([query.sql, query.values]);
      const known = copy.stopped ? seen.get(key) : undefined;
      if (known) return known;
      const found = executor.run(query);
      seen.set(key, found);
      return found;
    };
    const runUpToDate = (query: BoundQuery): Promise<Result> => {
      copy.looks++;
      return executor.run(query);
    };
    return { ...executor, run, runUpToDate };
  });
  onTestFinished(() => engine.close());
  return { engine, copy };
}

describe.each(["expire", "recover"] as const)("%s", (lostResponses) => {
  test("a token that is newer than its row there is looked up where it was written, and accepted", async () => {
    const { engine, copy } = await laggingEngine();
    const { server, held } = await signedInTo(engine, { settings: { lostResponses } });
    await show(server, held);
    copy.stopped = true;
    engine.clock.forward(window);
    const next = await authentication(server, held);
    expect(generationOf(next.token)).toBe(1);
    expect(copy.looks).toBe(0);
    for (let i = 1; i <= 3; i++) {
      expect((await authentication(server, next)).token).toBe(next.token);
      expect(copy.looks).toBe(i);
    }
    expect(eventNames(engine)).toEqual([]);
  });

  test("it rotates when it is due, however old its row there is", async () => {
    const { engine, copy } = await laggingEngine();
    const { server, held } = await signedInTo(engine, { settings: { lostResponses } });
    await show(server, held);
    copy.stopped = true;
    let newest = held;
    for (let generation = 1; generation <= 4; generation++) {
      engine.clock.forward(window);
      newest = await authentication(server, newest);
      expect(generationOf(newest.token)).toBe(generation);
    }
    expect(eventNames(engine)).toEqual([]);
  });

  test("tokens that are no newer than their row there cost no second look", async () => {
    const { engine, copy } = await laggingEngine();
    const { server, held } = await signedInTo(engine, { settings: { lostResponses } });
    engine.clock.forward(window);
    const second = await authentication(server, held);
    engine.clock.forward(window);
    const third = await authentication(server, second);
    for (const token of [third, second, held]) await show(server, token);
    expect(copy.looks).toBe(0);
  });

  test("a session that was opened a moment ago on another node is looked up where it was written", async () => {
    const { engine, copy } = await laggingEngine();
    const { server, held } = await signedInTo(engine, { settings: { lostResponses } });
    copy.hides.add("keyturn_sessions");
    expect((await authentication(server, held)).client).toBe(held.client);
    expect(copy.looks).toBe(1);
    // Later it has to be there.
    engine.clock.forward(5000);
    expect(await show(server, held)).toBeUndefined();
    expect(copy.looks).toBe(1);
  });
});
