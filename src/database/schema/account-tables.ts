import { createHash } from "node:crypto";
import { type Kysely, type RawBuilder, sql } from "kysely";
import { fieldKeysOf, longestKey } from "../../accounts/authentication-keys.js";
import { columnsFor } from "../../accounts/column-list.js";
import type { Model } from "../../accounts/models.js";
import type { Dialect } from "../driver.js";
import type { PendingChange } from "../port.js";
import { checkAccountTable } from "./account-table-checks.js";
import { change } from "./ddl.js";
import { isUnique } from "./ddl-tables.js";
import type { Samples } from "./judged-columns.js";
import type { Schema } from "./schema.js";
import type { SeenTable } from "./seen-table.js";

interface Column {
  readonly name: string;
  readonly type: RawBuilder<unknown>;
  /** What a row that is there already gets in it, and whether those that come later do too. */
  readonly given?: { readonly value: string; readonly stays: boolean };
  /** Whether a new table refuses null in it, and an old one where each row has a value. */
  readonly notNull: boolean;
}

/**
 * What a model's table lacks: itself, or columns and unique indexes of an existing one. `now`: unix milliseconds.
 * Throws MigrationRefused where the table cannot hold accounts.
 */
export function accountTableChanges(
  kysely: Kysely<Schema>,
  dialect: Dialect,
  model: Model,
  seen: SeenTable | undefined,
  samples: Samples,
  now: number,
): readonly PendingChange[] {
  const columns = columnsOfTable(model, dialect, now);
  if (!seen) return [change(model.table, "the table", newTable(kysely, dialect, model, columns))];
  checkAccountTable(dialect, model, seen, samples);
  const missing = columns.filter(({ name }) => !seen.column(name));
  const lacks = (unique: readonly string[]): boolean => !isUnique(dialect, seen, unique);
  const { table, columns: names } = model;
  const changes = missing.flatMap((column) => addColumn(kysely, dialect, table, column));
  if (lacks([names.provider, names.uid])) {
    // An account that signs in with its address has it as uid. Here and not where the column is added, because a database without
    // transactions may have been left in between.
    if (seen.column(names.email)) changes.push(fillUid(kysely, model));
    changes.push(uniqueIndex(kysely, seen, table, "uid", [names.provider, names.uid]));
  }
  if (lacks([names.email])) changes.push(uniqueIndex(kysely, seen, table, "email", [names.email]));
  for (const { column } of fieldKeysOf(model))
    if (lacks([column])) changes.push(uniqueIndex(kysely, seen, table, column, [column]));
  return changes;
}

/** Every column of a model but its id, in the order of a new table. */
function columnsOfTable(model: Model, { types, momentToDatabase }: Dialect, now: number): readonly Column[] {
  const { columns } = model;
  const atOnce = { value: momentToDatabase(now), stays: false };
  const listed = columnsFor(model).flatMap(
    ({ key, kind, length = 255, isRequired, existingRows }): Column[] => {
      if (kind === "id") return [];
      const isMoment = kind === "moment" || kind === "confirmation";
      const type = isMoment
        ? types.moment
        : kind === "count"
          ? types.field("integer", 0)
          : types.text(length);
      const given =
        existingRows === "now" ? atOnce : existingRows && { value: existingRows.text, stays: true };
      return [{ name: columns[key], type, ...(given && { given }), notNull: isRequired === true }];
    },
  );
  const fields = model.fields.map(({ column, type, maxLength }) => ({
    name: column,
    type: types.field(type, maxLength),
    notNull: false,
  }));
  const keys = fieldKeysOf(model).map(({ column }) => ({
    name: column,
    type: types.text(longestKey),
    notNull: false,
  }));
  return [...listed.slice(0, -2), ...fields, ...keys, ...listed.slice(-2)];
}

function newTable({ schema }: Kysely<Schema>, dialect: Dialect, model: Model, columns: readonly Column[]) {
  const { table, columns: names, idType = "bigint" } = model;
  let query = schema.createTable(table).addColumn(names.id, sql`${dialect.ddl.id[idType]}` as never);
  for (const { name, type, notNull } of columns)
    query = query.addColumn(name, type as never, (column) => (notNull ? column.notNull() : column));
  // Uniqueness is the database's: two registrations at one moment are decided here.
  query = query
    .addUniqueConstraint(indexName(table, "email"), [names.email] as never)
    .addUniqueConstraint(indexName(table, "uid"), [names.provider, names.uid] as never);
  for (const { column } of fieldKeysOf(model))
    query = query.addUniqueConstraint(indexName(table, column), [column] as never);
  return query;
}

function addColumn(
  kysely: Kysely<Schema>,
  dialect: Dialect,
  table: string,
  { name, type, given, notNull }: Column,
): readonly PendingChange[] {
  const { schema } = kysely;
  const { dropsDefaults } = dialect.ddl;
  const isDefault = given !== undefined && (given.stays || dropsDefaults);
  const add = schema.alterTable(table).addColumn(name, type as never, (column) => {
    const definite = isDefault ? column.defaultTo(given.value) : column;
    // Only with a value for each row, also for those that the app writes, can a column refuse null.
    return notNull && given?.stays ? definite.notNull() : definite;
  });
  const what = `the column ${name}`;
  if (given === undefined || given.stays) return [change(table, what, add)];
  // Without any default, MySQL would refuse the rows in which the app does not name this column.
  const settle = dropsDefaults
    ? schema.alterTable(table).alterColumn(name, (column) => column.setDefault(null))
    : written(kysely, sql`update ${sql.table(table)} set ${sql.ref(name)} = ${sql.lit(given.value)}`);
  return [change(table, what, add), change(table, `${what} of the rows that are there`, settle)];
}

function fillUid(kysely: Kysely<Schema>, { table, columns }: Model): PendingChange {
  const [provider, uid, email] = [columns.provider, columns.uid, columns.email].map((name) => sql.ref(name));
  const query = sql`update ${sql.table(table)} set ${uid} = ${email}
    where ${provider} = 'email' and ${uid} is null and ${email} is not null`;
  return change(table, `the ${columns.uid} of the rows that are there`, written(kysely, query));
}

function written(
  kysely: Kysely<Schema>,
  query: RawBuilder<unknown>,
): { compile(): { readonly sql: string } } {
  return { compile: () => query.compile(kysely) };
}

function uniqueIndex(
  { schema }: Kysely<Schema>,
  seen: SeenTable,
  table: string,
  what: string,
  columns: readonly string[],
): PendingChange {
  let name = indexName(table, what);
  while (seen.indexNames.includes(name)) name = `${name.slice(0, 61)}_2`;
  const query = schema
    .createIndex(name)
    .on(table)
    .columns([...columns])
    .unique();
  return change(table, `a unique index on ${columns.join(" and ")}`, query);
}

// PostgreSQL cuts a name at 63 bytes, which would make one of two.
function indexName(table: string, what: string): string {
  const name = `${table}_${what}_unique`;
  if (name.length <= 63) return name;
  const digest = createHash("sha256");
  if (what.length <= 5)
    return `${table.slice(0, 40)}_${digest.update(table).digest("hex").slice(0, 8)}_${what}_unique`;
  return `${table.slice(0, 20)}_${digest.update(`${table} ${what}`).digest("hex").slice(0, 8)}_${what.slice(0, 26)}_unique`;
}
