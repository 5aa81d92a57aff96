import { CompiledQuery, type Kysely, sql } from "kysely";
import type { Model } from "../../accounts/models.js";
import type { Dialect } from "../driver.js";
import type { PendingChange } from "../port.js";
import type { AccountShape } from "./account-shape.js";
import { accountShape, refuseDuplicates } from "./account-table-checks.js";
import { accountTableChanges } from "./account-tables.js";
import { change, type Migration, MigrationRefused } from "./ddl.js";
import { readTables, type SeenTables } from "./ddl-tables.js";
import { alone } from "./migration-lock.js";
import { firstTables } from "./migrations/001-first-tables.js";
import type { Schema } from "./schema.js";

// Not Kysely's Migrator: it can print nothing, looks into all schemas, and lets go of its lock before PostgreSQL has committed.

/** Our own tables, by version. */
const migrations: readonly Migration[] = [firstTables];
const recordTable = "keyturn_migrations";

/** Tables of ours, beside those of the models. */
export const ownTables = ["keyturn_sessions", "keyturn_tickets", "keyturn_settings", recordTable] as const;

/**
 * Brings the database up to date (`"apply"`), or refuses one that is not (`"check"`). Columns and rows that are there stay.
 * Throws MigrationRefused, which says what to do, when the database is of a newer version, not up to date, or holds what cannot be.
 */
export async function migrate(
  kysely: Kysely<Schema>,
  dialect: Dialect,
  models: readonly Model[],
  mode: "apply" | "check",
): Promise<void> {
  const pending = await pendingChanges(kysely, dialect, models);
  if (pending.length === 0) return;
  if (mode === "check") throw new MigrationRefused(sayPending(pending));
  await alone(kysely, dialect, async (db) => {
    // Looked at again: another server may have done it meanwhile.
    const seen = await lookAt(db, dialect, models);
    const changes = await plan(db, dialect, models, seen);
    // All of them before anything is done, or a database without transactions would be left half-way.
    for (const model of models) {
      const table = seen(model.table);
      if (table) await refuseDuplicates(db, dialect, model, table);
    }
    for (const { statement } of changes) await db.executeQuery(CompiledQuery.raw(statement));
  });
}

/** What `migrate` would do. Throws MigrationRefused as it does, but for what the rows hold. */
export async function pendingChanges(
  kysely: Kysely<Schema>,
  dialect: Dialect,
  models: readonly Model[],
): Promise<readonly PendingChange[]> {
  return plan(kysely, dialect, models, await lookAt(kysely, dialect, models));
}

/** What statements have to know about the models' tables, once they are there. */
export async function accountShapes(
  kysely: Kysely<Schema>,
  dialect: Dialect,
  models: readonly Model[],
): Promise<ReadonlyMap<Model, AccountShape>> {
  const seen = await lookAt(kysely, dialect, models);
  return new Map(models.map((model) => [model, accountShape(dialect, model, seen(model.table))]));
}

function lookAt(kysely: Kysely<Schema>, dialect: Dialect, models: readonly Model[]): Promise<SeenTables> {
  return readTables(kysely, dialect, [...ownTables, ...models.map(({ table }) => table)]);
}

async function plan(
  kysely: Kysely<Schema>,
  dialect: Dialect,
  models: readonly Model[],
  seen: SeenTables,
): Promise<readonly PendingChange[]> {
  const applied = seen(recordTable) ? await appliedMigrations(kysely) : [];
  const newer = applied.filter((name) => !migrations.some((migration) => migration.name === name));
  if (newer.length > 0) {
    throw new MigrationRefused(
      `The database was migrated by a newer version of Keyturn (${newer.join(", ")}). Update Keyturn on this server.`,
    );
  }
  const now = Date.now();
  return [
    ...(seen(recordTable) ? [] : [createRecords(kysely)]),
    ...migrations
      .filter(({ name }) => !applied.includes(name))
      .flatMap((migration) => [
        ...migration.changes(kysely, dialect, seen),
        record(kysely, migration.name, now),
      ]),
    ...models.flatMap((model) => accountTableChanges(kysely, dialect, model, seen(model.table), now)),
  ];
}

// As Kysely's Migrator makes it.
function createRecords({ schema }: Kysely<Schema>): PendingChange {
  const query = schema
    .createTable(recordTable)
    .addColumn("name", "varchar(255)", (column) => column.notNull().primaryKey())
    .addColumn("timestamp", "varchar(255)", (column) => column.notNull());
  return change(recordTable, "the table", query);
}

function record(kysely: Kysely<Schema>, name: string, now: number): PendingChange {
  const [names, timestamp] = [sql.ref("name"), sql.ref("timestamp")];
  const query = sql`insert into ${sql.table(recordTable)} (${names}, ${timestamp})
    values (${sql.lit(name)}, ${sql.lit(new Date(now).toISOString())})`;
  return change(recordTable, name, { compile: () => query.compile(kysely) });
}

async function appliedMigrations(kysely: Kysely<Schema>): Promise<readonly string[]> {
  const query = sql<{ name: string }>`select name from ${sql.table(recordTable)} order by name`;
  return (await query.execute(kysely)).rows.map(({ name }) => name);
}

function sayPending(pending: readonly PendingChange[]): string {
  const places = pending.map(({ table, what }) => (what === "the table" ? table : `${table} (${what})`));
  return `The database is not up to date. It lacks: ${places.join(", ")}. Run "keyturn migrate".`;
}
