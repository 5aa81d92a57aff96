import { type Kysely, sql } from "kysely";
import { type FieldKey, fieldKeysOf } from "../../accounts/authentication-keys.js";
import { readKey } from "../../accounts/key-reading.js";
import type { Model } from "../../accounts/models.js";
import { isPhoneCountry, loadPhoneNumbers } from "../../accounts/phone-number.js";
import type { Dialect } from "../driver.js";
import { loadDriver } from "../load-driver.js";
import { MigrationRefused } from "./ddl.js";
import { isUnique } from "./ddl-tables.js";
import { accountShape } from "./judged-columns.js";
import type { Schema } from "./schema.js";
import type { SeenTable } from "./seen-table.js";

/** A row with a value that names its account. */
export interface NamedRow {
  readonly id: string;
  readonly value: string;
  /** The value as it is compared, where the row has it. */
  readonly key: string | null;
}

/** Rows that are read at once. */
const batch = 500;
/** Ids that a sentence names at most. */
const namedIds = 10;

/**
 * Makes what is needed to read the keys of these models. Throws a PackageMissing for a phone number without its package, and a
 * MigrationRefused for a country that has no numbers.
 */
export async function prepareKeys(models: readonly Model[]): Promise<void> {
  for (const model of models)
    for (const { kind, name, country } of fieldKeysOf(model)) {
      if (kind !== "phone") continue;
      const place = `models.${model.name}.authenticationKeys`;
      await loadDriver(`A phone number in ${place}`, "libphonenumber-js", loadPhoneNumbers);
      if (country !== undefined && !isPhoneCountry(country))
        throw new MigrationRefused(`${place}: "${country}", the country of "${name}", has no phone numbers`);
    }
}

/** Walks over the rows that have a value for a key, in the order of their ids. `isUnfilled`: only those without the key. */
export async function* namedRows(
  kysely: Kysely<Schema>,
  dialect: Dialect,
  model: Model,
  key: FieldKey,
  seen: SeenTable,
  isUnfilled: boolean,
): AsyncGenerator<readonly NamedRow[]> {
  const field = model.fields.find(({ name }) => name === key.name)?.column ?? key.name;
  if (!seen.column(field)) return;
  const [id, value] = [sql.ref(model.columns.id), sql.ref(field)];
  const text = dialect.accountIdToText(id);
  const { id: shape, forms } = accountShape(dialect, model, seen);
  const shown = forms.get(field)?.select(value) ?? value;
  const there = seen.column(key.column) ? sql.ref(key.column) : sql`null`;
  const wanted = isUnfilled ? sql`${value} is not null and ${there} is null` : sql`${value} is not null`;
  for (let after: string | undefined; ; ) {
    const behind =
      after === undefined ? sql`` : sql` and ${id} > ${dialect.accountIdFrom(sql`${after}`, shape)}`;
    // None is called as a column is: `order by` would take it for that, and sort ids as texts.
    const query = sql<Record<"its_id" | "its_value" | "its_key", unknown>>`
      select ${text} as its_id, ${shown} as its_value, ${there} as its_key
      from ${sql.table(model.table)} where ${wanted}${behind} order by ${id} limit ${sql.lit(batch)}`;
    const { rows } = await query.execute(kysely);
    const read = rows.map(({ its_id, its_value, its_key }) => ({
      id: String(its_id),
      value: String(its_value),
      key: its_key === null ? null : String(its_key),
    }));
    yield read;
    after = read.at(-1)?.id;
    if (rows.length < batch || after === undefined) return;
  }
}

/**
 * Throws MigrationRefused where a key is not unique yet and two rows have the same value of it, in whatever spelling. Reads the whole
 * table: no database folds names as Keyturn does.
 */
export async function refuseDuplicateKeys(
  kysely: Kysely<Schema>,
  dialect: Dialect,
  model: Model,
  seen: SeenTable,
): Promise<void> {
  for (const key of fieldKeysOf(model)) {
    if (isUnique(dialect, seen, [key.column])) continue;
    const known = new Set<string>();
    const doubled: string[] = [];
    for await (const rows of namedRows(kysely, dialect, model, key, seen, false))
      for (const { id, value, key: there } of rows) {
        const reading = readKey(key, value);
        const compared = there ?? (reading.ok ? reading.key : null);
        if (compared === null) continue;
        if (known.has(compared)) doubled.push(id);
        known.add(compared);
      }
    if (doubled.length > 0) throw new MigrationRefused(sayDoubled(model, key, doubled));
  }
}

function sayDoubled({ table, columns }: Model, { name, kind }: FieldKey, ids: readonly string[]): string {
  const [many, are] = ids.length === 1 ? ["1 row has", "differs"] : [`${ids.length} rows have`, "differ"];
  const how = kind === "name" ? "case, width or spelling" : "how the number is written";
  const list = `${ids.slice(0, namedIds).join(", ")}${ids.length > namedIds ? " …" : ""}`;
  return (
    `In the table "${table}", ${many} a ${name} that another row has too, or that ${are} from it only in ${how}, but each account needs its own. ` +
    `Nothing was changed. Change or empty it in these rows, and migrate again; "${columns.id}": ${list}`
  );
}
