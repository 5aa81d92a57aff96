import { type Kysely, sql } from "kysely";
import type { Dialect } from "../driver.js";
import type { DdlEngine } from "./ddl-engine.js";
import type { SeenColumn, SeenTable } from "./seen-table.js";

/** Finds the table that a name stands for; `undefined` if there is none yet. */
export type SeenTables = (name: string) => SeenTable | undefined;

/** Reads those of the tables that are there. Writes nothing. */
export async function readTables<DB>(
  kysely: Kysely<DB>,
  dialect: Dialect,
  names: readonly string[],
): Promise<SeenTables> {
  const executor = dialect.ddl;
  const fold = (name: string): string => (executor.foldsTables ? name.toLowerCase() : name);
  const list = sql.join(names.map(fold));
  const { rows: columns } = await executor.columns(list).execute(kysely);
  const { rows: indexes } = await executor.indexes(list).execute(kysely);
  const tables = new Map<string, SeenTable>();
  for (const [name, rows] of grouped(columns, ({ table }) => fold(table))) {
    const seen = rows.map(
      (row): SeenColumn => ({
        name: row.name,
        type: row.type,
        fullType: row.full_type,
        length: numberOrNull(row.length),
        scale: numberOrNull(row.scale),
        labels: row.labels?.split("\n") ?? null,
        isNullable: isTrue(row.nullable),
        hasDefault: isTrue(row.has_default),
        isGenerated: isTrue(row.is_generated),
        isTouched: isTrue(row.is_touched),
        charset: row.charset,
        collation: row.collation,
      }),
    );
    const own = grouped(
      indexes.filter(({ table }) => fold(table) === name),
      (row) => row.name,
    );
    tables.set(name, {
      name: rows[0]?.table ?? name,
      isView: rows.some((row) => isTrue(row.is_view)),
      laxEngine: rows[0]?.lax_engine ?? null,
      columns: seen,
      indexNames: [...own.keys()],
      uniques: [...own.values()].flatMap((parts) => {
        const parsed = parts.map(({ column }) => column).filter((column) => column !== null);
        const isWhole = parsed.length === parts.length && parts.every((part) => isTrue(part.is_unique));
        return isWhole ? [parsed.map((column) => foldColumn(executor, column))] : [];
      }),
      columnsOf: (index) => (own.get(index) ?? []).flatMap(({ column }) => column ?? []),
      column: (wanted) => seen.find((one) => isSame(executor, one.name, wanted)),
    });
  }
  return (name) => tables.get(fold(name));
}

/** Whether the database holds every row to be the only one with its values in these columns. */
export function isUnique(dialect: Dialect, table: SeenTable, columns: readonly string[]): boolean {
  const executor = dialect.ddl;
  const wanted = columns.map((column) => foldColumn(executor, column));
  return table.uniques.some((unique) => unique.every((column) => wanted.includes(column)));
}

function foldColumn({ foldsColumns }: DdlEngine, name: string): string {
  return foldsColumns ? name.toLowerCase() : name;
}

function isSame(executor: DdlEngine, one: string, other: string): boolean {
  return foldColumn(executor, one) === foldColumn(executor, other);
}

// A truth value is a number where the engine has none.
function isTrue(value: unknown): boolean {
  return Number(value) !== 0;
}

function numberOrNull(value: unknown): number | null {
  return value === null ? null : Number(value);
}

function grouped<T>(rows: readonly T[], keyOf: (row: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group) group.push(row);
    else groups.set(keyOf(row), [row]);
  }
  return groups;
}
