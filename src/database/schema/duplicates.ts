import { type Kysely, type RawBuilder, sql } from "kysely";
import type { Model } from "../../accounts/models.js";
import type { Dialect } from "../driver.js";
import { MigrationRefused } from "./ddl.js";
import { isUnique } from "./ddl-tables.js";
import type { Schema } from "./schema.js";
import type { SeenTable } from "./seen-table.js";

/** Throws MigrationRefused where a unique index that is missing cannot be made. Reads the whole table. */
export async function refuseDuplicates(
  kysely: Kysely<Schema>,
  dialect: Dialect,
  model: Model,
  seen: SeenTable,
): Promise<void> {
  const { table, columns } = model;
  const there = (name: string): RawBuilder<unknown> | undefined =>
    seen.column(name) ? sql.ref(name) : undefined;
  const email = there(columns.email);
  const provider = there(columns.provider);
  if (email && !isUnique(dialect, seen, [columns.email]))
    await refuseMany(kysely, table, columns.email, email, undefined);
  if (isUnique(dialect, seen, [columns.provider, columns.uid])) return;
  const ofEmail = email && (provider ? sql`case when ${provider} = 'email' then ${email} end` : email);
  const uid = there(columns.uid);
  if (uid) {
    const filled = ofEmail ? sql`coalesce(${uid}, ${ofEmail})` : uid;
    await refuseMany(kysely, table, columns.uid, filled, provider);
  } else if (ofEmail) await refuseMany(kysely, table, columns.email, ofEmail, undefined);
}

async function refuseMany(
  kysely: Kysely<Schema>,
  table: string,
  column: string,
  value: RawBuilder<unknown>,
  within: RawBuilder<unknown> | undefined,
): Promise<void> {
  const groups = within ? sql`${within}, ${value}` : value;
  const known = within ? sql`${value} is not null and ${within} is not null` : sql`${value} is not null`;
  const query = sql<{ many: unknown }>`select count(*) as many from
    (select 1 as one from ${sql.table(table)} where ${known} group by ${groups} having count(*) > 1) as doubled`;
  const many = Number((await query.execute(kysely)).rows[0]?.many);
  if (many === 0) return;
  const find = sql`select ${groups}, count(*) from ${sql.table(table)} where ${known} group by ${groups} having count(*) > 1`;
  throw new MigrationRefused(
    `In the table "${table}", ${many} ${many === 1 ? "value" : "values"} of the column "${column}" ${many === 1 ? "stands" : "stand"} in more than one row, but each account needs its own. ` +
      `Nothing was changed. Find them with: ${find.compile(kysely).sql}; then change or delete the rows that are too many, and migrate again.`,
  );
}
