import { type InsertQueryBuilder, sql } from "kysely";
import {
  type AuditFilter,
  type AuditRow,
  type AuditStore,
  type AuditTerm,
  firstAuditId,
} from "../audit-port.js";
import type { SqlExecutor, Step } from "../driver.js";
import type { AuditTable, Schema } from "../schema/schema.js";
import { type Statement, statement } from "../statement.js";
import { bound } from "./account-steps.js";
import { createAuditSweep } from "./audit-sweep.js";

/** How many rows one statement writes. As many as there are is made of these, so that few statements have to be prepared. */
const sizes = [64, 16, 4, 1] as const;

const columns = [
  "id",
  "fold",
  "term",
  "at",
  "times",
  "last_at",
  "name",
  "owasp",
  "model",
  "account_id",
  "client",
  "address",
  "user_agent",
  "reason",
  "actor_kind",
  "actor_name",
] as const satisfies readonly (keyof AuditTable)[];

/** The statements over `keyturn_audit_log`. */
export function createAuditStore(executor: SqlExecutor): AuditStore {
  const add = createWriter(executor, (insert, isMysql) =>
    isMysql
      ? insert.onDuplicateKeyUpdate({ id: sql<string>`id` })
      : insert.onConflict((conflict) => conflict.column("id").doNothing()),
  );
  const addTimes = createWriter(executor, (insert, isMysql) =>
    isMysql
      ? insert.onDuplicateKeyUpdate({
          times: sql<number>`times + values(times)`,
          last_at: sql<number>`greatest(last_at, values(last_at))`,
        })
      : insert.onConflict((conflict) =>
          conflict.column("fold").doUpdateSet({
            times: sql<number>`keyturn_audit_log.times + excluded.times`,
            last_at: sql<number>`case when excluded.last_at > keyturn_audit_log.last_at then excluded.last_at else keyturn_audit_log.last_at end`,
          }),
        ),
  );
  return {
    add,
    // In one order everywhere, so that of two servers neither waits for the other in a circle.
    addTimes: (rows) => addTimes(rows.toSorted((one, other) => (one.fold < other.fold ? -1 : 1))),
    list: (filter) => list(executor, filter),
    sweep: createAuditSweep(executor),
  };
}

type Values = Readonly<Record<string, unknown>>;
type Insert = InsertQueryBuilder<Schema, "keyturn_audit_log", unknown>;

/** Writes any number of rows. `onConflict`: what becomes of one that is there. */
function createWriter(
  executor: SqlExecutor,
  onConflict: (insert: Insert, isMysql: boolean) => Insert,
): (rows: readonly (AuditRow & { readonly fold?: string })[]) => Promise<void> {
  const { kysely, dialect } = executor;
  const ofSize = (size: number): Statement<Values> =>
    statement(executor, (place) => {
      const rows = Array.from({ length: size }, (_, i) =>
        Object.fromEntries(columns.map((column) => [column, place(`${column}${i}`)])),
      );
      const insert = kysely.insertInto("keyturn_audit_log").values(rows as never);
      return onConflict(insert as unknown as Insert, dialect.name === "mysql");
    });
  const statements = sizes.map((size) => ({ size, insert: ofSize(size) }));
  return async (rows) => {
    const steps: Step[] = [];
    let done = 0;
    for (const { size, insert } of statements) {
      for (; rows.length - done >= size; done += size) {
        const values = rows.slice(done, done + size).flatMap(valuesOf);
        steps.push({ query: insert.bind(Object.fromEntries(values)) });
      }
    }
    const [only, ...others] = steps;
    // All or none, or times that were added would be added again.
    if (others.length > 0) await executor.atomically(steps);
    else if (only) await executor.run(only.query);
  };
}

function valuesOf(row: AuditRow & { readonly fold?: string }, i: number): (readonly [string, unknown])[] {
  const values: readonly unknown[] = [
    row.id,
    row.fold ?? null,
    row.term,
    row.at,
    row.times,
    row.lastAt,
    row.name,
    row.owasp,
    row.model,
    row.accountId,
    row.client,
    row.address,
    row.userAgent,
    row.reason,
    row.actorKind,
    row.actorName,
  ];
  return columns.map((column, n) => [`${column}${i}`, values[n]] as const);
}

async function list(executor: SqlExecutor, filter: AuditFilter): Promise<readonly AuditRow[]> {
  const { model, accountId, names, from, to, after, limit } = filter;
  let query = executor.kysely
    .selectFrom("keyturn_audit_log")
    .select(columns)
    .orderBy("id", "desc")
    .limit(limit);
  if (model !== null) query = query.where("model", "=", model);
  if (accountId !== null) query = query.where("account_id", "=", accountId);
  if (names !== null) query = query.where("name", "in", names);
  if (from !== null) query = query.where("id", ">=", firstAuditId(from));
  if (to !== null) query = query.where("id", "<", firstAuditId(to));
  if (after !== null) query = query.where("id", "<", after);
  const { rows } = await executor.run(bound(query));
  return rows.map(readRow);
}

function readRow(row: readonly unknown[]): AuditRow {
  const [id, , term, at, times, lastAt, name, owasp, ...rest] = row;
  const [model, accountId, client, address, userAgent, reason, actorKind, actorName] = rest.map((value) =>
    value === null ? null : String(value),
  );
  return {
    id: String(id),
    term: String(term) as AuditTerm,
    at: Number(at),
    times: Number(times),
    lastAt: Number(lastAt),
    name: String(name),
    owasp: String(owasp),
    model: model ?? null,
    accountId: accountId ?? null,
    client: client ?? null,
    address: address ?? null,
    userAgent: userAgent ?? null,
    reason: reason ?? null,
    actorKind: actorKind ?? null,
    actorName: actorName ?? null,
  };
}
