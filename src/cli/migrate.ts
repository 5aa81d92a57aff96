import type { Auth } from "../auth.js";
import type { ColumnReport, PendingChange } from "../database/port.js";
import { ownTables } from "../database/schema/migrations.js";
import { internals } from "../internals.js";
import { createConfiguredAuth, type Environment } from "./configured-auth.js";
import type { FileConfig } from "./load-config.js";

/** What the command prints, and whether the database was up to date. */
export interface MigrationReport {
  readonly text: string;
  readonly isUpToDate: boolean;
}

/** Brings the database of a configuration up to date. Throws MigrationRefused if that is not possible, and the database's own error. */
export async function applyMigrations(
  config: FileConfig,
  environment: Environment,
): Promise<MigrationReport> {
  const auth = await createConfiguredAuth(config, { ...environment, KEYTURN_MIGRATIONS: "apply" });
  const pending = await pendingChanges(auth);
  try {
    await auth.ready();
  } finally {
    await auth.close();
  }
  const done = pending.map(({ table, what }) => `${table}: added ${what}`);
  return { text: [...done, "The database is up to date."].join("\n"), isUpToDate: true };
}

/** Says for each table what it lacks, and for each column of a model what it is, what Keyturn needs, and whether they fit. Changes nothing. */
export async function migrationStatus(
  config: FileConfig,
  environment: Environment,
): Promise<MigrationReport> {
  const { config: settings, registry } = (await createConfiguredAuth(config, environment))[internals];
  const store = await settings.database.connect({ models: registry.models, lookOnly: true });
  try {
    const { columns, warnings } = await store.inspect();
    const refused = columns.filter(({ isUsable }) => !isUsable);
    // What cannot hold accounts cannot be brought up to date either.
    const pending = refused.length > 0 ? [] : await store.pending();
    const tables = [...ownTables, ...registry.models.map(({ table }) => table)];
    const text = [
      ...(refused.length > 0 ? [] : sayTables(tables, pending)),
      ...registry.models.flatMap(({ table }) => sayColumns(table, columns)),
      ...(warnings.length > 0 ? ["", ...warnings.map((warning) => `Warning: ${warning}`)] : []),
      "",
      sayOutcome(refused.length, pending.length),
    ].join("\n");
    return { text, isUpToDate: pending.length === 0 && refused.length === 0 };
  } finally {
    await store.close();
  }
}

function sayTables(tables: readonly string[], pending: readonly PendingChange[]): readonly string[] {
  const width = Math.max(...tables.map(({ length }) => length));
  return tables.map((table) => {
    const lacks = pending.filter((change) => change.table === table).map(({ what }) => what);
    return `${table.padEnd(width)}  ${lacks.length === 0 ? "up to date" : `lacks ${lacks.join(", ")}`}`;
  });
}

function sayColumns(table: string, columns: readonly ColumnReport[]): readonly string[] {
  const rows = columns
    .filter((column) => column.table === table)
    .map(({ column, place, is, needs, finding }) => [column, place || "not mapped", is, needs, finding]);
  const all = [["column", "mapped as", "is", "needs to be", "finding"], ...rows];
  const widths = [0, 1, 2, 3].map((i) => Math.max(...all.map((row) => row[i]?.length ?? 0)));
  const lines = all.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  return ["", `${table}:`, ...lines.map((line) => `  ${line}`)];
}

function sayOutcome(refused: number, pending: number): string {
  if (refused > 0)
    return `${refused} ${refused === 1 ? "column has" : "columns have"} to change before Keyturn can use the table. Nothing was changed.`;
  return pending === 0
    ? "The database is up to date."
    : 'The database is not up to date. Run "keyturn migrate", or run what "keyturn migrate --sql" prints.';
}

/** Lists the statements that would bring the database up to date, for people with a migration tool of their own. Changes nothing. */
export async function migrationSql(config: FileConfig, environment: Environment): Promise<MigrationReport> {
  const auth = await createConfiguredAuth(config, environment);
  const pending = await pendingChanges(auth);
  const text = pending.map(({ table, what, statement }) => `-- ${table}: ${what}\n${statement};`).join("\n");
  return { text, isUpToDate: pending.length === 0 };
}

/** What the database of an Auth lacks. Changes nothing, and makes no file. */
export async function pendingChanges(auth: Auth): Promise<readonly PendingChange[]> {
  const { config, registry } = auth[internals];
  const store = await config.database.connect({ models: registry.models, lookOnly: true });
  try {
    return await store.pending();
  } finally {
    await store.close();
  }
}
