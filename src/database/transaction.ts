import type { BoundQuery, Result, Step } from "./driver.js";

/** One connection to a database server, for a transaction. */
export interface Connection {
  run(query: BoundQuery): Promise<Result>;
  /** Begins and ends transactions. */
  control(text: "begin" | "commit" | "rollback"): Promise<unknown>;
  /** Whether it can do nothing more after an error. */
  isBroken(error: unknown): boolean;
}

/** All steps or none. `undefined` when a required step wrote nothing. */
export async function transaction(
  steps: readonly Step[],
  { run, control, isBroken }: Connection,
): Promise<readonly Result[] | undefined> {
  try {
    await control("begin");
    const results: Result[] = [];
    for (const { query, required } of steps) {
      const result = await run(query);
      if (required && result.changes === 0) {
        await control("rollback");
        return undefined;
      }
      results.push(result);
    }
    await control("commit");
    return results;
  } catch (error) {
    // Nothing can be said on a connection that broke or does not respond; without it the database rolls back by itself.
    if (!isBroken(error)) await control("rollback");
    throw error;
  }
}
