import { type Kysely, type RawBuilder, sql } from "kysely";
import type { Model } from "../../accounts/models.js";
import type { Dialect } from "../driver.js";
import type { AccountId, AccountShape } from "./account-shape.js";
import { MigrationRefused } from "./ddl.js";
import { ddlDialect } from "./ddl-engines.js";
import { isUnique, type SeenTable } from "./ddl-tables.js";
import type { Schema } from "./schema.js";

/** What a model's table is, or will be when it is created. */
export function accountShape(dialect: Dialect, model: Model, seen: SeenTable | undefined): AccountShape {
  const { columns, idType = "bigint" } = model;
  const { zoneless, uuid } = ddlDialect(dialect);
  const column = seen?.column(columns.id);
  if (!column) {
    const kind = idType === "uuid" ? uuid : "number";
    return { id: { kind, isMissing: idType === "uuid", comparedAs: undefined }, zoneless: [] };
  }
  const kind = kindOf(dialect, column.type) ?? "number";
  const { charset, collation } = column;
  const isOurs = kind !== "text" || charset === null || collation === null || collation === "utf8mb4_bin";
  return {
    id: {
      kind,
      isMissing: kind !== "number" && !column.hasDefault,
      comparedAs: isOurs ? undefined : { charset, collation },
    },
    zoneless: [columns.confirmedAt, columns.createdAt, columns.updatedAt].filter((name) =>
      zoneless?.test(seen?.column(name)?.type ?? ""),
    ),
  };
}

/** Throws MigrationRefused for a table that cannot hold accounts. */
export function checkAccountTable(dialect: Dialect, model: Model, seen: SeenTable): void {
  const { table, columns, idType } = model;
  const refused = (problem: string): MigrationRefused =>
    new MigrationRefused(`The table "${table}" of the model ${model.name} ${problem}. Nothing was changed.`);
  if (seen.isView) throw refused("is a view. Name the table below it");
  const id = seen.column(columns.id);
  if (!id)
    throw refused(`has no column "${columns.id}". Name its primary key in models.${model.name}.columns.id`);
  const kind = kindOf(dialect, id.type);
  const place = `"${table}"."${columns.id}"`;
  if (kind === undefined)
    throw refused(`has ids of the type ${id.type} in ${place}; they have to be numbers, UUIDs or text`);
  if (idType !== undefined && (idType === "uuid") !== (kind !== "number")) {
    throw refused(
      `has ids of the type ${id.type} in ${place}, and models.${model.name}.idType says "${idType}": leave that out`,
    );
  }
  if (!isUnique(dialect, seen, [columns.id]))
    throw refused(
      `has no primary key or unique index on ${place} alone, and every request looks accounts up by it`,
    );
}

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
    `In the table "${table}", ${many} ${many === 1 ? "value" : "values"} of the column "${column}" stand in more than one row, but an account's has to be its own. ` +
      `Nothing was changed. Find them with: ${find.compile(kysely).sql}; then change or delete the rows that are too many, and migrate again.`,
  );
}

function kindOf(dialect: Dialect, type: string): AccountId["kind"] | undefined {
  const { numbers, texts } = ddlDialect(dialect);
  if (numbers.test(type)) return "number";
  if (texts.test(type)) return "text";
  return type === "uuid" ? "uuid" : undefined;
}
