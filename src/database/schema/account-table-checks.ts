import type { Model } from "../../accounts/models.js";
import type { Dialect } from "../driver.js";
import type { ColumnReport } from "../port.js";
import { isUsable, wantedType } from "./column-form.js";
import { MigrationRefused } from "./ddl.js";
import { isUnique } from "./ddl-tables.js";
import { idKind, type JudgedColumn, judgeColumns, type Samples } from "./judged-columns.js";
import type { SeenTable } from "./seen-table.js";
import { hashLength } from "./text-forms.js";

/** Throws MigrationRefused for a table that cannot hold accounts, with everything that has to be changed. */
export function checkAccountTable(dialect: Dialect, model: Model, seen: SeenTable, samples: Samples): void {
  const { table } = model;
  const problem = tableProblem(dialect, model, seen);
  if (problem !== undefined)
    throw new MigrationRefused(
      `The table "${table}" of the model ${model.name} ${problem}. Nothing was changed.`,
    );
  const unusable = reportColumns(dialect, model, seen, samples).filter(({ isUsable }) => !isUsable);
  if (unusable.length === 0) return;
  const lines = unusable.map(({ column, is, finding }) => `  - "${column}" is ${is}: ${finding}`);
  throw new MigrationRefused(
    `The table "${table}" of the model ${model.name} cannot be used as it is. Nothing was changed. In the table or the configuration:\n${lines.join("\n")}`,
  );
}

/** What makes the whole table unusable. */
function tableProblem(dialect: Dialect, model: Model, seen: SeenTable): string | undefined {
  const { table, columns, idType, name } = model;
  if (seen.isView) return "is a view. Name the table below it";
  if (seen.laxEngine !== null)
    return `is kept by ${seen.laxEngine}, which knows no transactions: a change of an account could be done by half. Change it with: alter table ${table} engine = InnoDB`;
  const id = seen.column(columns.id);
  if (!id) return `has no column "${columns.id}". Name its primary key in models.${name}.columns.id`;
  const kind = idKind(dialect, id);
  const place = `"${table}"."${columns.id}"`;
  if (kind === undefined)
    return `has ids of the type ${id.type} in ${place}; they have to be numbers, UUIDs or text`;
  if (idType !== undefined && (idType === "uuid") !== (kind !== "number"))
    return `has ids of the type ${id.type} in ${place}, and models.${name}.idType says "${idType}": leave that out`;
  if (!isUnique(dialect, seen, [columns.id]))
    return `has no primary key or unique index on ${place} alone, and every request looks accounts up by it`;
  return undefined;
}

/** What each column is, what Keyturn needs, and whether they fit; then columns that are not mapped and would make every sign-up fail. */
export function reportColumns(
  dialect: Dialect,
  model: Model,
  seen: SeenTable | undefined,
  samples: Samples,
): readonly ColumnReport[] {
  const { table } = model;
  const judged = judgeColumns(dialect, model, seen, samples);
  const mapped = judged.map((one): ColumnReport => {
    const { wanted, seen: column, form } = one;
    const idProblem = wanted.kind === "id" && column ? insertProblem(dialect, model, judged) : undefined;
    return {
      table,
      place: wanted.place,
      column: wanted.name,
      is: column
        ? `${column.fullType || "of any type"}${column.isNullable ? "" : ", not null"}`
        : "not there yet",
      needs: needsOf(wanted),
      finding:
        idProblem ??
        (isUsable(form) ? (column ? form.finding + emptiness(model, one) : "is added") : form.change),
      isUsable: idProblem === undefined && isUsable(form),
    };
  });
  if (!seen || !model.registration) return mapped;
  const names = new Set(judged.flatMap(({ seen: column }) => column?.name ?? []));
  const others = seen.columns
    .filter((one) => !names.has(one.name) && !one.isNullable && !one.hasDefault && !one.isGenerated)
    .map(
      (one): ColumnReport => ({
        table,
        place: "",
        column: one.name,
        is: `${one.fullType}, not null, without a default`,
        needs: "a default, or a field of the model",
        finding: `change it to have a default or to allow null, make it one of models.${model.name}.fields with "required", or set models.${model.name}.registration to false: every sign-up would fail`,
        isUsable: false,
      }),
    );
  return [...mapped, ...others];
}

/** What a sign-up without this field comes to. */
function emptiness({ name, fields, registration }: Model, { wanted, seen }: JudgedColumn): string {
  const field = fields.find(({ column }) => column === wanted.name);
  if (!registration || !field || field.required || !seen || seen.isNullable || seen.hasDefault) return "";
  return `; a sign-up without it is refused, so set models.${name}.${wanted.place}.required`;
}

/** What keeps a new account from having an id. */
function insertProblem(
  dialect: Dialect,
  { registration }: Model,
  judged: readonly JudgedColumn[],
): string | undefined {
  const id = judged.find(({ wanted }) => wanted.kind === "id")?.seen;
  if (!id || !registration || id.hasDefault) return undefined;
  if (idKind(dialect, id) === "number")
    return "change it to number its rows itself (identity, auto_increment, integer primary key): nothing gives a new account its id";
  if (id.length !== null && id.length < 36)
    return "change it to have a default or room for 36 characters: a new account gets a UUID";
  return undefined;
}

function needsOf({ kind, length, place }: JudgedColumn["wanted"]): string {
  if (kind === "id") return "a number, a UUID or text";
  if (kind === "hash") return `text of ${hashLength} characters`;
  if (kind === "confirmation") return "a moment or a boolean";
  const word = {
    text: "text",
    moment: "a moment",
    integer: "an integer",
    number: "a number",
    boolean: "a boolean",
  };
  const type = wantedType(kind);
  const isLong = type === "text" && kind !== "address" && place !== "columns.provider";
  return isLong ? `text of up to ${length} characters` : word[type];
}
