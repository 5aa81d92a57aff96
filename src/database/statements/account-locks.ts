import { type RawBuilder, sql } from "kysely";
import type { Model } from "../../accounts/models.js";
import type { AccountStore, CountedAttempt } from "../account-port.js";
import type { BoundQuery, SqlExecutor, Step } from "../driver.js";
import { accountsTable } from "../schema/schema.js";
import { columnValue, isAccount, isAccountId } from "./account-columns.js";
import { bound, dropTickets, endSessions, lockSteps } from "./account-steps.js";

type AccountLocks = Pick<
  AccountStore,
  "countAttempt" | "withdrawAttempt" | "forgetFailures" | "disable" | "enable"
>;

/** The statements that lock and disable accounts. */
export function createAccountLocks(executor: SqlExecutor): AccountLocks {
  return {
    async countAttempt(model, id, attempt) {
      if (!isAccountId(executor, model, id)) return { is: "closed" };
      const done = await executor.atomically([
        ...endLock(executor, model, id, attempt),
        { query: countOpen(executor, model, id, attempt.limit), required: true },
        { query: readFailures(executor, model, id) },
      ]);
      if (done) return { is: "open", count: Number(done.at(-1)?.rows[0]?.[0]) };
      const { changes } = await executor.run(countLocked(executor, model, id, attempt));
      return { is: changes > 0 ? "locked" : "closed" };
    },
    async withdrawAttempt(model, id, limit) {
      const { lockedAt, failedAttempts } = model.columns;
      const failures = failuresOf(model);
      const withdrawn = change(executor, model, id, {
        // Before the count, for MySQL.
        [lockedAt]: sql`case when ${failures} <= ${limit} then null else ${sql.ref(lockedAt)} end`,
        [failedAttempts]: sql`${failures} - 1`,
      });
      await executor.run(bound(withdrawn.where(sql<boolean>`${failures} > 0`)));
    },
    async forgetFailures(model, id) {
      await executor.run(unlockStep(executor, model, id).query);
    },
    async disable(model, id) {
      if (!isAccountId(executor, model, id)) return false;
      const at = columnValue(executor, model, model.columns.disabledAt, executor.now());
      const done = await executor.atomically([
        ...lockSteps(executor, model, id),
        { query: setDisabled(executor, model, id, at), required: true },
        { query: endSessions(executor, model, id, null) },
        { query: dropTickets(executor, model, id) },
      ]);
      return done !== undefined;
    },
    async enable(model, id) {
      if (!isAccountId(executor, model, id)) return false;
      return (await executor.run(setDisabled(executor, model, id, null))).changes > 0;
    },
  };
}

/** The step that takes a lock away, and the failures that led to it. */
export function unlockStep(executor: SqlExecutor, model: Model, id: string): Step {
  const { failedAttempts, lockedAt } = model.columns;
  return { query: bound(change(executor, model, id, { [failedAttempts]: 0, [lockedAt]: null })) };
}

// A condition of its own and not a case of the count: MySQL reads columns as the assignments before have left them.
function endLock(
  executor: SqlExecutor,
  model: Model,
  id: string,
  { endedBefore, endedAfter }: CountedAttempt,
): readonly Step[] {
  if (endedBefore === null) return [];
  const { failedAttempts, lockedAt } = model.columns;
  const began = sql.ref(lockedAt);
  const time = (moment: number): unknown => columnValue(executor, model, lockedAt, moment);
  const isFromLater = endedAfter === undefined ? sql`` : sql` or ${began} > ${time(endedAfter)}`;
  const unlocked = change(executor, model, id, { [failedAttempts]: 0, [lockedAt]: null });
  return [{ query: bound(unlocked.where(sql<boolean>`(${began} <= ${time(endedBefore)}${isFromLater})`)) }];
}

function countOpen(executor: SqlExecutor, model: Model, id: string, limit: number): BoundQuery {
  const { lockedAt, failedAttempts } = model.columns;
  const failures = failuresOf(model);
  const at = columnValue(executor, model, lockedAt, executor.now());
  return bound(
    change(executor, model, id, {
      // Before the count, for MySQL.
      [lockedAt]: sql`case when ${failures} + 1 >= ${limit} then ${at} else ${sql.ref(lockedAt)} end`,
      [failedAttempts]: sql`${failures} + 1`,
    })
      .where(sql<boolean>`${failures} < ${limit}`)
      .where(sql<boolean>`${sql.ref(lockedAt)} is null`),
  );
}

function countLocked(
  executor: SqlExecutor,
  model: Model,
  id: string,
  { limit, whileLocked }: CountedAttempt,
): BoundQuery {
  const failures = failuresOf(model);
  return bound(
    change(executor, model, id, { [model.columns.failedAttempts]: sql`${failures} + 1` }).where(
      sql<boolean>`${failures} < ${limit + whileLocked}`,
    ),
  );
}

function readFailures(executor: SqlExecutor, model: Model, id: string): BoundQuery {
  return bound(
    executor.kysely
      .selectFrom(accountsTable(model))
      .select(failuresOf(model).as("failures"))
      .where(isAccount(executor, model, sql`${id}`)),
  );
}

/** Enables with `null`. Only what changes is written, so that the caller learns whether it was so before. */
function setDisabled(executor: SqlExecutor, model: Model, id: string, at: unknown): BoundQuery {
  const { disabledAt } = model.columns;
  const isNull = at === null ? sql`is not null` : sql`is null`;
  return bound(
    change(executor, model, id, { [disabledAt]: at }).where(sql<boolean>`${sql.ref(disabledAt)} ${isNull}`),
  );
}

function failuresOf(model: Model): RawBuilder<number> {
  return sql<number>`coalesce(${sql.ref(model.columns.failedAttempts)}, 0)`;
}

function change(executor: SqlExecutor, model: Model, id: string, columns: Record<string, unknown>) {
  return executor.kysely
    .updateTable(accountsTable(model))
    .set(columns)
    .where(isAccount(executor, model, sql`${id}`));
}
