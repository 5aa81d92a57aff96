import { CompiledQuery, type Kysely, sql } from "kysely";
import type { Model } from "../../accounts/models.js";
import type { Dialect, SqlExecutor } from "../driver.js";
import type { Inspection, PendingChange } from "../port.js";
import { prepareKeys, refuseDuplicateKeys } from "./account-keys.js";
import { reportColumns } from "./account-table-checks.js";
import { accountTableChanges } from "./account-tables.js";
import { readSamples, readWarnings } from "./contents.js";
import { change, type Migration, MigrationRefused } from "./ddl.js";
import { readTables, type SeenTables } from "./ddl-tables.js";
import { refuseDuplicates } from "./duplicates.js";
import { fillKeys } from "./fill-keys.js";
import { accountShape, noSamples, type Samples } from "./judged-columns.js";
import { alone, isRace } from "./migration-lock.js";
import { firstTables } from "./migrations/001-first-tables.js";
import { oauthTables } from "./migrations/002-oauth.js";
import { counters } from "./migrations/003-counters.js";
import { auditLog } from "./migrations/004-audit-log.js";
import { knownDevices } from "./migrations/005-known-devices.js";
import type { Schema } from "./schema.js";

// Why not Kysely's Migrator: decisions/013-a-migration-runner-of-our-own.md.

/** Our own tables, by version. */
const migrations: readonly Migration[] = [firstTables, oauthTables, counters, auditLog, knownDevices];
const recordTable = "keyturn_migrations";

/** Tables of ours, beside those of the models. */
export const ownTables = [
  "keyturn_sessions",
  "keyturn_tickets",
  "keyturn_identities",
  "keyturn_oauth_flows",
  "keyturn_counters",
  "keyturn_audit_log",
  "keyturn_devices",
  "keyturn_settings",
  recordTable,
] as const;

/** How many rows of an accounts table are looked at: at each start, and when somebody asks. */
const rowsAtStart = 1000;
const rowsWhenAsked = 100_000;

/**
 * Brings the database up to date (`"apply"`), or refuses one that is not (`"check"`). Columns and rows that are there stay. Then looks
 * at the models' tables, so that statements read and write them as what they are. Returns warnings about what they hold.
 * Throws MigrationRefused, which says what to do, when the database is of a newer version, not up to date, or holds what cannot be.
 */
export async function migrate(
  executor: SqlExecutor,
  models: readonly Model[],
  mode: "apply" | "check",
): Promise<readonly string[]> {
  const { kysely, dialect } = executor;
  await prepareKeys(models);
  const { pending, samples } = await look(executor, models);
  if (pending.length > 0 && mode === "check") throw new MigrationRefused(sayPending(pending));
  if (pending.length > 0) {
    await alone(kysely, dialect, async (db) => {
      // Looked at again: another server may have done it meanwhile.
      const seen = await lookAt(db, dialect, models);
      const changes = await plan(db, dialect, models, seen, samples);
      // All of them before anything is done, or a database without transactions would be left half-way.
      for (const model of models) {
        const table = seen(model.table);
        if (!table) continue;
        await refuseDuplicates(db, dialect, model, table);
        await refuseDuplicateKeys(db, dialect, model, table);
      }
      for (const one of changes) await run(db, dialect, one);
    });
  }
  return (await inspectTables(executor, models, rowsAtStart, mode)).warnings;
}

/** Runs one statement. What the database says against it is a sentence, unless another server did the same at this moment. */
async function run(db: Kysely<Schema>, { ddl }: Dialect, change: PendingChange): Promise<void> {
  const { table, what, statement } = change;
  try {
    await db.executeQuery(CompiledQuery.raw(statement));
  } catch (error) {
    if (isRace(ddl, error) || !(error instanceof Error)) throw error;
    const rest = ddl.isTransactional
      ? "Nothing was changed"
      : "What was added before stays, and the next run goes on";
    throw new MigrationRefused(
      `The database refused to add ${what} to "${table}": ${error.message}. ${rest}. The statement is: ${statement}`,
    );
  }
}

/** What `migrate` would do. Throws MigrationRefused as it does, but for what the rows hold. */
export async function pendingChanges(
  executor: SqlExecutor,
  models: readonly Model[],
): Promise<readonly PendingChange[]> {
  return (await look(executor, models)).pending;
}

/** Compares the models' tables, column by column, with what Keyturn reads and writes, and looks at what they hold. */
export async function inspect(executor: SqlExecutor, models: readonly Model[]): Promise<Inspection> {
  await prepareKeys(models);
  return inspectTables(executor, models, rowsWhenAsked, "check");
}

async function inspectTables(
  executor: SqlExecutor,
  models: readonly Model[],
  limit: number,
  mode: "apply" | "check",
): Promise<Inspection> {
  const { kysely, dialect, accountShapes } = executor;
  const seen = await lookAt(kysely, dialect, models);
  const samples = await readAllSamples(executor, models, seen);
  const found: Inspection[] = [];
  for (const model of models) {
    const [table, own] = [seen(model.table), samples.get(model) ?? noSamples];
    const shape = accountShape(dialect, model, table, own);
    accountShapes.set(model, shape);
    const columns = reportColumns(dialect, model, table, own);
    const warnings = await readWarnings(executor, model, shape, table, limit);
    found.push({ columns, warnings: [...warnings, ...(await fillKeys(executor, model, table, mode))] });
  }
  return {
    columns: found.flatMap(({ columns }) => columns),
    warnings: found.flatMap(({ warnings }) => warnings),
  };
}

async function look(executor: SqlExecutor, models: readonly Model[]) {
  const { kysely, dialect } = executor;
  const seen = await lookAt(kysely, dialect, models);
  const samples = await readAllSamples(executor, models, seen);
  return { pending: await plan(kysely, dialect, models, seen, samples), samples };
}

async function readAllSamples(executor: SqlExecutor, models: readonly Model[], seen: SeenTables) {
  const samples = new Map<Model, Samples>();
  for (const model of models) samples.set(model, await readSamples(executor, model, seen(model.table)));
  return samples;
}

function lookAt(kysely: Kysely<Schema>, dialect: Dialect, models: readonly Model[]): Promise<SeenTables> {
  return readTables(kysely, dialect, [...ownTables, ...models.map(({ table }) => table)]);
}

async function plan(
  kysely: Kysely<Schema>,
  dialect: Dialect,
  models: readonly Model[],
  seen: SeenTables,
  samples: ReadonlyMap<Model, Samples>,
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
    ...models.flatMap((model) =>
      accountTableChanges(kysely, dialect, model, seen(model.table), samples.get(model) ?? noSamples, now),
    ),
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
