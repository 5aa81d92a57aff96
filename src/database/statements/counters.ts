import { type RawBuilder, sql } from "kysely";
import {
  type CounterOutcome,
  type CounterRule,
  type CounterStore,
  doublings,
  firstPause,
  longestPause,
  outcomeOf,
  passed,
} from "../counter-port.js";
import { UniqueViolation } from "../database-error.js";
import type { SqlExecutor } from "../driver.js";
import { type Place, statement } from "../statement.js";

interface Bump {
  name: string;
  limit: number;
  window: number;
}

/** The statements over `keyturn_counters`: one conditional write counts, and its condition is the rule. */
export function createCounterStore(executor: SqlExecutor): CounterStore {
  const { kysely } = executor;
  const read = statement<{ name: string }>(
    executor,
    (place, now) =>
      kysely
        .selectFrom("keyturn_counters")
        .select(["times", "blocked_until", "expires_at", now.as("now")])
        .where("name", "=", place("name")),
    { isOneRow: true },
  );
  // In this order, for MySQL: it reads columns as the assignments before have left them.
  const bump = statement<Bump>(executor, (place, now) =>
    kysely
      .updateTable("keyturn_counters")
      .set({
        times: next(now, place),
        expires_at: sql<number>`case when ${isOver(now, place)} then ${now} + ${place("window")} else expires_at end`,
      })
      .where("name", "=", place("name"))
      .where(sql<boolean>`(${isOver(now, place)} or times < ${place("limit")})`),
  );
  const bumpWithPauses = statement<Bump>(executor, (place, now) =>
    kysely
      .updateTable("keyturn_counters")
      .set({
        blocked_until: sql<number>`${now} + ${pause(next(now, place), place)}`,
        times: next(now, place),
        expires_at: sql<number>`${now} + ${place("window")}`,
      })
      .where("name", "=", place("name"))
      .where(sql<boolean>`(${isOver(now, place)} or blocked_until <= ${now})`),
  );
  const begin = statement<{ name: string; window: number; pause: number }>(executor, (place, now) =>
    kysely.insertInto("keyturn_counters").values({
      name: place("name"),
      times: 1,
      blocked_until: sql<number>`${now} + ${place("pause")}`,
      expires_at: sql<number>`${now} + ${place("window")}`,
    }),
  );
  const takeBack = statement<Pick<Bump, "name" | "limit">>(executor, (place) =>
    kysely
      .updateTable("keyturn_counters")
      .set({
        blocked_until: sql<number>`case when times - 1 < ${place("limit")} then 0 else blocked_until end`,
        times: sql<number>`times - 1`,
      })
      .where("name", "=", place("name"))
      .where("times", ">", 0),
  );
  const drop = statement<{ name: string }>(executor, (place) =>
    kysely.deleteFrom("keyturn_counters").where("name", "=", place("name")),
  );
  const ask = async (name: string, rule: CounterRule): Promise<CounterOutcome | undefined> => {
    const row = (await read.run({ name })).rows[0];
    if (!row) return undefined;
    const [times = 0, blockedUntil = 0, expiresAt = 0, now = 0] = row.map(Number);
    return outcomeOf({ times, blockedUntil, expiresAt }, rule, now);
  };

  return {
    async count(name, rule) {
      const { limit, window, pauses = false } = rule;
      for (;;) {
        const query = (pauses ? bumpWithPauses : bump).bind({ name, limit, window });
        if ((await executor.run(query)).changes > 0) return passed;
        const outcome = await ask(name, rule);
        if (outcome?.isMet) return outcome;
        // Its time may have ended between the two, or another server may have begun it.
        if (outcome) continue;
        try {
          await begin.run({ name, window, pause: pauses && limit <= 1 ? firstPause : 0 });
          return passed;
        } catch (error) {
          if (!(error instanceof UniqueViolation)) throw error;
        }
      }
    },
    look: async (name, rule) => (await ask(name, rule)) ?? passed,
    async giveBack(name, { limit }) {
      await takeBack.run({ name, limit });
    },
    async forget(name) {
      await drop.run({ name });
    },
  };
}

/** As `isOver` of the port. */
function isOver(now: RawBuilder<number>, place: Place<Bump>): RawBuilder<boolean> {
  const window = place("window");
  return sql<boolean>`(expires_at <= ${now} or expires_at > ${now} + ${window} + ${window})`;
}

function next(now: RawBuilder<number>, place: Place<Bump>): RawBuilder<number> {
  return sql<number>`case when ${isOver(now, place)} then 1 else times + 1 end`;
}

function pause(times: RawBuilder<number>, place: Place<Bump>): RawBuilder<number> {
  const cases = Array.from(
    { length: doublings },
    (_, i) => sql`when ${times} = ${place("limit")} + ${sql.lit(i)} then ${sql.lit(firstPause * 2 ** i)}`,
  );
  return sql<number>`case when ${times} < ${place("limit")} then 0 ${sql.join(cases, sql` `)} else ${sql.lit(longestPause)} end`;
}
