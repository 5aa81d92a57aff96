import { type Kysely, type Migration, Migrator, sql } from "kysely";
import type { Model } from "../core/models.js";
import { createAccountTables } from "./account-tables.js";
import type { Dialect } from "./engine.js";
import { firstTables } from "./migrations/001-first-tables.js";
import type { Schema } from "./schema.js";

const migrationTable = "keyturn_migrations";
const migrationLockTable = "keyturn_migrations_lock";

/** Our own tables, by version. A migration that was released is never changed; the next one follows it. */
function migrations(dialect: Dialect): Record<string, Migration> {
  return { "001-first-tables": firstTables(dialect) };
}

/**
 * Brings the database up to date (`"apply"`), or refuses one that is not (`"check"`). Columns and rows that are there stay.
 * Throws an Error that says what to do when the database is of a newer version, or not up to date.
 */
export async function migrate(
  kysely: Kysely<Schema>,
  dialect: Dialect,
  models: readonly Model[],
  mode: "apply" | "check",
): Promise<void> {
  const known = migrations(dialect);
  const migrator = new Migrator({
    db: kysely,
    provider: { getMigrations: async () => known },
    migrationTableName: migrationTable,
    migrationLockTableName: migrationLockTable,
  });
  const newer = (await appliedMigrations(kysely)).filter((name) => !(name in known));
  if (newer.length > 0) {
    throw new Error(
      `The database was migrated by a newer version of Keyturn (${newer.join(", ")}). Update Keyturn on this server.`,
    );
  }
  if (mode === "check") {
    const pending = (await migrator.getMigrations())
      .filter((migration) => migration.executedAt === undefined)
      .map(({ name }) => name);
    const missing = [...pending, ...(await createAccountTables(kysely, dialect, models, "check"))];
    if (missing.length > 0)
      throw new Error(`The database is not up to date: ${missing.join(", ")}. Run "keyturn migrate".`);
    return;
  }
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
  await createAccountTables(kysely, dialect, models, "apply");
}

async function appliedMigrations(kysely: Kysely<Schema>): Promise<readonly string[]> {
  const tables = await kysely.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some((table) => table.name === migrationTable)) return [];
  const { rows } = await sql<{
    name: string;
  }>`select name from ${sql.table(migrationTable)} order by name`.execute(kysely);
  return rows.map((row) => row.name);
}
