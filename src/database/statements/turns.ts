import { UniqueViolation } from "../database-error.js";
import type { SqlExecutor } from "../driver.js";
import { statement } from "../statement.js";

/** A turn at work that one of all servers does: how far the ones before have come, and how to say how far this one has. */
export interface Turn {
  /** The database's clock. */
  readonly now: number;
  /** What the last turn left; empty at first. */
  readonly state: string;
  /** Writes how far this turn has come, unless it took so long that another server has gone on meanwhile. */
  leave(state: string): Promise<void>;
}

/**
 * Takes turns under a name in the settings table, where it stands when a server last took one. Returns the turn, or `undefined` if any
 * server has had it within `interval` milliseconds.
 */
export function createTurns(
  executor: SqlExecutor,
  name: string,
): (interval: number) => Promise<Turn | undefined> {
  const { kysely } = executor;
  const read = statement<object>(executor, (_place, now) =>
    kysely
      .selectFrom("keyturn_settings")
      .select(["value", now.as("now")])
      .where("name", "=", name),
  );
  const begin = statement<{ value: string }>(executor, (place) =>
    kysely.insertInto("keyturn_settings").values({ name, value: place("value") }),
  );
  const replace = statement<{ value: string; was: string }>(executor, (place) =>
    kysely
      .updateTable("keyturn_settings")
      .set({ value: place("value") })
      .where("name", "=", name)
      .where("value", "=", place("was")),
  );
  return async (interval) => {
    let row = (await read.run({})).rows[0];
    if (!row) {
      await begin.run({ value: "0" }).catch(unlessThere);
      row = (await read.run({})).rows[0];
    }
    // What was just written is not there where a replica serves reads.
    if (!row) return undefined;
    const [was, now] = [String(row[0]), Number(row[1])];
    const [at = "", state = ""] = split(was);
    // A clock that was set back must not stop it for as long.
    if (Math.abs(now - Number(at)) < interval) return undefined;
    const mine = `${now} ${state}`;
    if ((await replace.run({ value: mine, was })).changes === 0) return undefined;
    return {
      now,
      state,
      async leave(next) {
        await replace.run({ value: `${now} ${next}`, was: mine });
      },
    };
  };
}

/** The time and what stands behind it. */
function split(value: string): readonly string[] {
  const end = value.indexOf(" ");
  return end < 0 ? [value] : [value.slice(0, end), value.slice(end + 1)];
}

function unlessThere(error: unknown): void {
  if (!(error instanceof UniqueViolation)) throw error;
}
