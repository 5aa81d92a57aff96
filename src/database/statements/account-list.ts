import { type RawBuilder, sql } from "kysely";
import type { Model } from "../../accounts/models.js";
import type { AccountPage, AccountQuery } from "../account-port.js";
import type { SqlExecutor } from "../driver.js";
import { accountsTable } from "../schema/schema.js";
import { type AccountColumns, isAccountId, shapeOf } from "./account-columns.js";
import { readRecord, selectRecord } from "./account-records.js";
import { bound } from "./account-steps.js";

/** Reads a page of a model's accounts. It begins behind an id and not at a number, so that no row that is added or deleted moves it. */
export async function listAccounts(
  executor: SqlExecutor,
  model: Model,
  columns: AccountColumns,
  { search, after, limit }: AccountQuery,
): Promise<AccountPage> {
  if (after !== null && !isAccountId(executor, model, after))
    throw new TypeError(`"after" cannot be the id of one of the accounts of "${model.name}"`);
  const { kysely, dialect } = executor;
  const id = sql.ref<string>(model.columns.id);
  const isFound = search === null ? sql<boolean>`1 = 1` : hasText(executor, model, search);
  let page = kysely
    .selectFrom(accountsTable(model))
    .select(selectRecord(executor, model, columns))
    .where(isFound)
    .orderBy(id)
    .limit(limit + 1);
  if (after !== null)
    page = page.where(
      sql<boolean>`${id} > ${dialect.accountIdFrom(sql`${after}`, shapeOf(executor, model).id)}`,
    );
  const all = kysely
    .selectFrom(accountsTable(model))
    .select(sql<number>`count(*)`.as("total"))
    .where(isFound);
  const { rows } = await executor.run(bound(page));
  const counted = await executor.run(bound(all));
  return {
    records: rows.slice(0, limit).map((row) => readRecord(executor, model, row, columns)),
    total: Number(counted.rows[0]?.[0]),
    isLast: rows.length <= limit,
  };
}

function hasText({ dialect }: SqlExecutor, model: Model, text: string): RawBuilder<boolean> {
  const { email, uid } = model.columns;
  const fields = model.fields.filter(({ type }) => type === "string").map(({ column }) => column);
  const names = [...new Set([email, uid, ...fields])];
  const conditions = names.map((name) => dialect.contains(sql.ref(name), text));
  return sql<boolean>`(${sql.join(conditions, sql` or `)})`;
}
