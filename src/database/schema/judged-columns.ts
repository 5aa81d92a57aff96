import { fieldKeysOf, longestKey } from "../../accounts/authentication-keys.js";
import { columnsFor } from "../../accounts/column-list.js";
import type { Model } from "../../accounts/models.js";
import type { Dialect } from "../driver.js";
import type { AccountId, AccountShape } from "./account-shape.js";
import {
  type ColumnForm,
  isUsable,
  ownType,
  typeOf,
  type Unusable,
  type WantedColumn,
} from "./column-form.js";
import { formOf } from "./column-forms.js";
import type { SeenColumn, SeenTable } from "./seen-table.js";

/** Some values of each column, by its name. */
export type Samples = ReadonlyMap<string, readonly unknown[]>;
export const noSamples: Samples = new Map();

/** A column that a model needs, with what is known of it. */
export interface JudgedColumn {
  readonly wanted: WantedColumn;
  /** `undefined`: it is not there yet. */
  readonly seen: SeenColumn | undefined;
  readonly form: ColumnForm | Unusable;
}

/** Every column that a model maps, in the order of a new table. */
function wantedColumns(model: Model): readonly WantedColumn[] {
  const listed = columnsFor(model).map(
    ({ key, kind, length = 255 }): WantedColumn => ({
      place: `columns.${key}`,
      name: model.columns[key],
      kind,
      length,
    }),
  );
  const fields = model.fields.map(
    ({ name, column, type, maxLength }): WantedColumn => ({
      place: `fields.${name}`,
      name: column,
      kind: type,
      length: maxLength,
    }),
  );
  const keys = fieldKeysOf(model).map(
    ({ name, column }): WantedColumn => ({
      place: `authenticationKeys.${name}`,
      name: column,
      kind: "text",
      length: longestKey,
    }),
  );
  return [...listed.slice(0, -2), ...fields, ...keys, ...listed.slice(-2)];
}

/** Compares every column that a model maps with what it has to hold. */
export function judgeColumns(
  { ddl, momentToDatabase }: Dialect,
  model: Model,
  table: SeenTable | undefined,
  samples: Samples,
): readonly JudgedColumn[] {
  return wantedColumns(model).map((wanted) => {
    const seen = table?.column(wanted.name);
    const type = seen ? typeOf(ddl, seen.type) : ownType(ddl, wanted.kind);
    const form = formOf(
      { ddl, type, seen, samples: samples.get(wanted.name) ?? [], momentToDatabase },
      wanted,
    );
    return { wanted, seen, form: (seen && isUsable(form) && misuse(model, wanted, seen, form)) || form };
  });
}

/** What speaks against a column whose type would do. */
function misuse(
  { confirmable }: Model,
  { kind, place }: WantedColumn,
  seen: SeenColumn,
  form: ColumnForm,
): Unusable | undefined {
  if (kind === "id") return undefined;
  if (seen.isGenerated)
    return { change: `name another column in ${place}, which may be new: the database computes this one` };
  if (kind !== "confirmation" || form.none !== undefined) return undefined;
  if (seen.isTouched)
    return {
      change: 'change it to one without "on update": every change of the row would confirm the account',
    };
  if (!seen.isNullable && confirmable)
    return { change: "change it so that it can be null, as it is until an account confirms its address" };
  return undefined;
}

/** What a model's table is, or will be when it is created. */
export function accountShape(
  dialect: Dialect,
  model: Model,
  table: SeenTable | undefined,
  samples: Samples = noSamples,
): AccountShape {
  const judged = judgeColumns(dialect, model, table, samples);
  return {
    id: accountId(dialect, model, table?.column(model.columns.id)),
    forms: new Map(judged.flatMap(({ wanted, form }) => (isUsable(form) ? [[wanted.name, form]] : []))),
    columnsOf: (index) => table?.columnsOf(index) ?? [],
  };
}

function accountId(
  dialect: Dialect,
  { idType = "bigint" }: Model,
  column: SeenColumn | undefined,
): AccountId {
  if (!column) {
    const kind = idType === "uuid" ? dialect.ddl.uuid : "number";
    return { kind, isMissing: idType === "uuid", comparedAs: undefined };
  }
  const kind = idKind(dialect, column) ?? "number";
  const { charset, collation } = column;
  const isOurs = kind !== "text" || charset === null || collation === null || collation === "utf8mb4_bin";
  return {
    kind,
    isMissing: kind !== "number" && !column.hasDefault,
    comparedAs: isOurs ? undefined : { charset, collation },
  };
}

/** How a column of ids is compared; `undefined` for one that can hold none. */
export function idKind({ ddl }: Dialect, { type }: SeenColumn): AccountId["kind"] | undefined {
  switch (typeOf(ddl, type).is) {
    case "integer":
      return "number";
    case "text":
    case "padded":
      return "text";
    case "uuid":
      return ddl.uuid;
    default:
      return undefined;
  }
}
