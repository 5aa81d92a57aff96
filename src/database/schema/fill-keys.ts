import { sql } from "kysely";
import { type FieldKey, fieldKeysOf } from "../../accounts/authentication-keys.js";
import { readKey } from "../../accounts/key-reading.js";
import type { Model } from "../../accounts/models.js";
import { UniqueViolation } from "../database-error.js";
import type { SqlExecutor } from "../driver.js";
import { columnValue, isAccount } from "../statements/account-columns.js";
import { bound } from "../statements/account-steps.js";
import { namedRows } from "./account-keys.js";
import { accountsTable } from "./schema.js";
import type { SeenTable } from "./seen-table.js";

/** Rows of one statement. */
const batch = 100;

interface Filled {
  readonly id: string;
  readonly key: string;
}

/**
 * Gives rows that are there the key under which their account is found: those of before, and those that code of the app's own has written
 * since. `mode`: with `"check"`, nothing is written. Returns sentences about rows whose owners cannot sign in with that field.
 */
export async function fillKeys(
  executor: SqlExecutor,
  model: Model,
  seen: SeenTable | undefined,
  mode: "apply" | "check",
): Promise<readonly string[]> {
  const warnings: string[] = [];
  if (!seen) return warnings;
  for (const key of fieldKeysOf(model)) {
    let [unfit, empty, taken] = [0, 0, 0];
    for await (const rows of namedRows(executor.kysely, executor.dialect, model, key, seen, true)) {
      const fit = rows.flatMap(({ id, value }): readonly Filled[] => {
        const reading = readKey(key, value);
        if (!reading.ok && reading.problem !== "blank") unfit++;
        return reading.ok ? [{ id, key: reading.key }] : [];
      });
      if (mode === "check") empty += fit.length;
      else
        for (let i = 0; i < fit.length; i += batch)
          taken += await write(executor, model, key, fit.slice(i, i + batch));
    }
    const what =
      key.kind === "name"
        ? "has no letter, or has an @ or characters that nobody sees"
        : "is no phone number with a country";
    warnings.push(
      ...sentence(model, key, unfit, `cannot name an account, because it ${what}`),
      ...sentence(model, key, taken, "is another row's too"),
      ...sentence(model, key, empty, `has no "${key.column}" yet: keyturn migrate fills it`),
    );
  }
  return warnings;
}

function sentence({ table }: Model, { name }: FieldKey, many: number, why: string): readonly string[] {
  if (many === 0) return [];
  return [
    `The table "${table}": the ${name} of ${many} ${many === 1 ? "row" : "rows"} ${why}. Until that changes, nobody can sign in with it.`,
  ];
}

/** Returns how many could not be written, because other rows have the same key. */
async function write(
  executor: SqlExecutor,
  model: Model,
  key: FieldKey,
  rows: readonly Filled[],
): Promise<number> {
  const column = sql.ref(key.column);
  const [isEach, made] = [
    rows.map(({ id }) => isAccount(executor, model, sql`${id}`)),
    rows.map((row) => columnValue(executor, model, key.column, row.key)),
  ];
  const value = sql`case ${sql.join(
    isEach.map((isRow, i) => sql`when ${isRow} then ${made[i]}`),
    sql` `,
  )} end`;
  const query = executor.kysely
    .updateTable(accountsTable(model))
    .set({ [key.column]: value })
    .where(sql<boolean>`${column} is null and (${sql.join(isEach, sql` or `)})`);
  try {
    await executor.run(bound(query));
    return 0;
  } catch (error) {
    if (!(error instanceof UniqueViolation)) throw error;
  }
  // One of them is another row's. Those beside it are not to suffer.
  if (rows.length === 1) return 1;
  let taken = 0;
  for (const row of rows) taken += await write(executor, model, key, [row]);
  return taken;
}
