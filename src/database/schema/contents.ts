import { sql } from "kysely";
import type { Model } from "../../accounts/models.js";
import { isVerifiable } from "../../accounts/password-hasher.js";
import type { SqlExecutor } from "../driver.js";
import type { AccountShape } from "./account-shape.js";
import { typeOf } from "./column-form.js";
import { readBoolean } from "./column-values.js";
import { judgeColumns, noSamples, type Samples } from "./judged-columns.js";
import type { SeenTable } from "./seen-table.js";

/** Kinds of columns whose type alone does not say how apps fill them. */
const ambiguous: ReadonlySet<string> = new Set(["boolean", "confirmation", "moment"]);
const samplesOfColumn = 200;

/** Reads some values of those columns whose contents decide how they are read. */
export async function readSamples(
  executor: SqlExecutor,
  model: Model,
  table: SeenTable | undefined,
): Promise<Samples> {
  const { ddl } = executor.dialect;
  if (!table || table.isView) return noSamples;
  const samples = new Map<string, readonly unknown[]>();
  for (const { wanted, seen } of judgeColumns(executor.dialect, model, table, noSamples)) {
    if (!seen) continue;
    const { is } = typeOf(ddl, seen.type);
    // A text field may be a moment in the table.
    if (!ambiguous.has(wanted.kind) && !(wanted.kind === "string" && is === "zoneless")) continue;
    const column = sql.ref(seen.name);
    const selected = ddl.select[is]?.(column) ?? column;
    const query = sql`select distinct value from (select ${selected} as value from ${sql.table(table.name)}
      where ${column} is not null limit ${sql.lit(samplesOfColumn)}) as sampled`;
    const { sql: text, parameters } = query.compile(executor.kysely);
    const { rows } = await executor.run({ sql: text, values: parameters });
    samples.set(
      wanted.name,
      rows.map(([value]) => value).filter((value) => value !== ""),
    );
  }
  return samples;
}

/**
 * Counts in at most `limit` rows what a person would stumble over later: addresses that are not found, passwords that cannot be
 * verified, values that are none of their kind. Never repeats a value.
 */
export async function readWarnings(
  executor: SqlExecutor,
  model: Model,
  shape: AccountShape,
  table: SeenTable | undefined,
  limit: number,
): Promise<readonly string[]> {
  if (!table) return [];
  const there = [...shape.forms].filter(([name]) => table.column(name));
  const selected = there.map(
    ([name, form], i) => sql`${form.select(sql.ref(name))} as ${sql.ref(`value_${i}`)}`,
  );
  const query = sql`select ${sql.join(selected)} from ${sql.table(table.name)} limit ${sql.lit(limit)}`;
  const { sql: text, parameters } = query.compile(executor.kysely);
  const { rows } = await executor.run({ sql: text, values: parameters });
  const valuesOf = (name: string): readonly unknown[] => {
    const i = there.findIndex(([one]) => one === name);
    return i < 0 ? [] : rows.map((row) => row[i] ?? null).filter((value) => value !== null);
  };
  const { columns } = model;
  const warnings = [
    ...addressWarnings(columns.email, valuesOf(columns.email).map(String)),
    ...hashWarnings(columns.passwordHash, valuesOf(columns.passwordHash).map(String)),
    ...(table.column(columns.uid)
      ? missingUids(columns.uid, rows.length - valuesOf(columns.uid).filter((uid) => uid !== "").length)
      : []),
    ...uidWarnings(columns.uid, valuesOf(columns.uid).map(String)),
    ...there.flatMap(([name, form]) => {
      if (name === columns.email || !form.read) return [];
      const { read, none } = form;
      const isUnread = (value: unknown): boolean =>
        none === undefined ? read(value) === null : readBoolean(value) === null;
      return countWarning(
        valuesOf(name).filter(isUnread).length,
        (many) =>
          `${values(many)} of the column "${name}" cannot be read as what it holds, and ${many === 1 ? "counts" : "count"} as empty`,
      );
    }),
  ];
  const among = rows.length < limit ? "" : ` (among the first ${limit} rows)`;
  return warnings.map((warning) => `The table "${model.table}": ${warning}${among}.`);
}

function addressWarnings(column: string, addresses: readonly string[]): readonly string[] {
  const plain = (address: string): string => address.trim().toLowerCase();
  const others = addresses.filter((address) => address !== plain(address)).length;
  const doubled = addresses.length - new Set(addresses.map(plain)).size;
  return [
    ...countWarning(
      others,
      (many) =>
        `${values(many)} of the column "${column}" ${many === 1 ? "has" : "have"} capitals or blanks around: where the column tells them apart, ${many === 1 ? "its owner" : "their owners"} cannot sign in until you change ${many === 1 ? "it" : "them"} with lower(trim(${column}))`,
    ),
    ...countWarning(
      doubled,
      (many) =>
        `${values(many)} of the column "${column}" ${many === 1 ? "differs" : "differ"} from another one only in capitals or blanks: decide which account the address belongs to`,
    ),
  ];
}

function hashWarnings(column: string, hashes: readonly string[]): readonly string[] {
  return countWarning(
    hashes.filter((hash) => hash.trim() !== "" && !isVerifiable(hash)).length,
    (many) =>
      `${values(many)} of the column "${column}" ${many === 1 ? "is a hash" : "are hashes"} that Keyturn cannot verify (it can those of bcrypt and argon2): ${many === 1 ? "its owner needs" : "their owners need"} a new password by mail (POST …/password)`,
  );
}

function missingUids(column: string, many: number): readonly string[] {
  return countWarning(
    many,
    () =>
      `${many} of the rows ${many === 1 ? "has" : "have"} no "${column}": such an account cannot sign in. With a password, it is the e-mail address`,
  );
}

// A header loses the blanks at its ends, and cannot carry line breaks (RFC 9110 §5.5).
function uidWarnings(column: string, uids: readonly string[]): readonly string[] {
  return countWarning(
    uids.filter((uid) => uid.trim() !== uid || /[\r\n]/.test(uid)).length,
    (many) =>
      `${values(many)} of the column "${column}" ${many === 1 ? "has" : "have"} blanks around or line breaks, which no header carries: after signing in, ${many === 1 ? "its owner is" : "their owners are"} refused until you change ${many === 1 ? "it" : "them"}, with trim(${column})`,
  );
}

function countWarning(many: number, sentence: (many: number) => string): readonly string[] {
  return many === 0 ? [] : [sentence(many)];
}

function values(many: number): string {
  return `${many} ${many === 1 ? "value" : "values"}`;
}
