import type { Auth } from "../auth.js";
import type { PendingChange } from "../database/port.js";
import { ownTables } from "../database/schema/migrations.js";
import { createOutbox } from "../mail/outbox.js";
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
  const auth = await openAuth(config, { ...environment, KEYTURN_MIGRATIONS: "apply" });
  const pending = await pendingChanges(auth);
  try {
    await auth.ready();
  } finally {
    await auth.close();
  }
  const done = pending.map(({ table, what }) => `${table}: added ${what}`);
  return { text: [...done, "The database is up to date."].join("\n"), isUpToDate: true };
}

/** Says for each table what it lacks. Changes nothing. */
export async function migrationStatus(
  config: FileConfig,
  environment: Environment,
): Promise<MigrationReport> {
  const auth = await openAuth(config, environment);
  const pending = await pendingChanges(auth);
  const tables = [...ownTables, ...auth.registry.models.map(({ table }) => table)];
  const width = Math.max(...tables.map(({ length }) => length));
  const lines = tables.map((table) => {
    const lacks = pending.filter((change) => change.table === table).map(({ what }) => what);
    return `${table.padEnd(width)}  ${lacks.length === 0 ? "up to date" : `lacks ${lacks.join(", ")}`}`;
  });
  const isUpToDate = pending.length === 0;
  const last = isUpToDate
    ? "The database is up to date."
    : 'The database is not up to date. Run "keyturn migrate", or run what "keyturn migrate --sql" prints.';
  return { text: [...lines, last].join("\n"), isUpToDate };
}

/** Lists the statements that would bring the database up to date, for people with a migration tool of their own. Changes nothing. */
export async function migrationSql(config: FileConfig, environment: Environment): Promise<MigrationReport> {
  const auth = await openAuth(config, environment);
  const pending = await pendingChanges(auth);
  const text = pending.map(({ table, what, statement }) => `-- ${table}: ${what}\n${statement};`).join("\n");
  return { text, isUpToDate: pending.length === 0 };
}

/** Migrations send no mail, so production needs no transport for them. */
function openAuth(config: FileConfig, environment: Environment): Promise<Auth> {
  const mail = { from: "Keyturn <no-reply@localhost>", send: createOutbox().sendMail, ...config.mail };
  return createConfiguredAuth({ ...config, mail }, environment);
}

async function pendingChanges({ config, registry }: Auth): Promise<readonly PendingChange[]> {
  const store = await config.database.connect({ models: registry.models, lookOnly: true });
  try {
    return await store.pending();
  } finally {
    await store.close();
  }
}
