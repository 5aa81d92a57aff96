import { type Kysely, type RawBuilder, sql } from "kysely";
import type { Model } from "../core/models.js";
import type { Dialect } from "./engine.js";
import { accountsTable, type Schema } from "./schema.js";

interface Column {
  readonly name: string;
  readonly type: RawBuilder<unknown>;
  readonly notNull: boolean;
}

/**
 * Creates the models' tables, and the columns that an existing one lacks; never changes or drops what is there.
 * `"check"`: changes nothing. Answers what was missing, as `table` or `table.column`.
 */
export async function createAccountTables(
  kysely: Kysely<Schema>,
  dialect: Dialect,
  models: readonly Model[],
  mode: "apply" | "check",
): Promise<readonly string[]> {
  const tables = await kysely.introspection.getTables();
  const missing: string[] = [];
  for (const model of models) {
    const table = tables.find(({ name }) => name === model.table);
    const columns = accountTableColumns(model, dialect);
    if (!table) {
      missing.push(model.table);
      if (mode === "apply") await createTable(kysely, dialect, model, columns);
      continue;
    }
    const there = new Set(table.columns.map(({ name }) => name));
    for (const column of columns.filter(({ name }) => !there.has(name))) {
      missing.push(`${model.table}.${column.name}`);
      // An existing row has no value for it, so the column cannot refuse null.
      if (mode === "apply") await addColumn(kysely, model, column);
    }
  }
  return missing;
}

async function addColumn(kysely: Kysely<Schema>, model: Model, { name, type }: Column): Promise<void> {
  try {
    await kysely.schema
      .alterTable(accountsTable(model))
      .addColumn(name, type as never)
      .execute();
  } catch (error) {
    // Another server that started at the same moment may have added it.
    const tables = await kysely.introspection.getTables();
    const table = tables.find((one) => one.name === model.table);
    if (!table?.columns.some((column) => column.name === name)) throw error;
  }
}

async function createTable(
  kysely: Kysely<Schema>,
  { types }: Dialect,
  model: Model,
  columns: readonly Column[],
): Promise<void> {
  let table = kysely.schema
    .createTable(accountsTable(model))
    .ifNotExists()
    .addColumn("id", sql`${types.accountId}` as never);
  for (const { name, type, notNull } of columns) {
    table = table.addColumn(name, type as never, (column) => (notNull ? column.notNull() : column));
  }
  // Uniqueness is the database's: two registrations at one moment are decided here.
  await table
    .addUniqueConstraint(`${model.table}_email_unique`, ["email"] as never)
    .addUniqueConstraint(`${model.table}_uid_unique`, ["provider", "uid"] as never)
    .execute();
}

function accountTableColumns(model: Model, { types }: Dialect): readonly Column[] {
  return [
    { name: "provider", type: types.text(64), notNull: true },
    { name: "uid", type: types.text(255), notNull: true },
    { name: "email", type: types.text(255), notNull: false },
    { name: "password_hash", type: types.text(255), notNull: false },
    { name: "confirmed_at", type: types.moment, notNull: false },
    ...model.fields.map((field) => ({
      name: field.column,
      type: types.field(field.type, field.maxLength),
      notNull: false,
    })),
    { name: "created_at", type: types.moment, notNull: true },
    { name: "updated_at", type: types.moment, notNull: true },
  ];
}
