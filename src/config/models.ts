import { z } from "zod";
import { authenticationKeysOf } from "../accounts/authentication-keys.js";
import { accountColumnList, type ColumnKey, columnsFor, columnsOf } from "../accounts/column-list.js";
import { reservedFields } from "../accounts/models.js";
import { featureModelSettings } from "../features/settings.js";
import { suggestion } from "./nearest-name.js";
import { permittedParametersSchema } from "./overrides.js";
import { schemasOf } from "./setting.js";

/** The part of the configuration that describes the models. */

// Such as constructor: what is looked up by it would be found in every object.
const isFree = (name: string): boolean => !(name in {});
const ofObjects = "is a name that every JavaScript object has already";

const databaseName = (what: string) =>
  z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]{0,62}$/, `must be a ${what} name of letters, digits and underscores`);
const column = databaseName("column");
const field = z.strictObject({
  type: z.enum(["string", "integer", "number", "boolean"]),
  writable: z.union([z.boolean(), z.enum(["sign_up", "account_update"])]).optional(),
  maxLength: z.int().positive().optional(),
  required: z.boolean().optional(),
  column: column.optional(),
});
const fieldName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,62}$/, "must be a name of letters, digits and underscores")
  .refine((name) => !reservedFields.has(name), "is a name that Keyturn uses itself")
  .refine(isFree, ofObjects);

const columnShape = Object.fromEntries(
  accountColumnList.map(({ key }) => [key, column.optional()]),
) as Record<ColumnKey, z.ZodOptional<typeof column>>;

const authenticationKeys = z
  .array(
    z.union([
      z.string(),
      z.strictObject({
        field: z.string(),
        as: z.enum(["name", "phone"]).optional(),
        country: z
          .string()
          .regex(/^[A-Z]{2}$/, 'must be a country in two capitals, such as "DE"')
          .optional(),
        column: column.optional(),
      }),
    ]),
  )
  .min(1, "must name at least one, such as email");

/** One entry of `models`. */
export const modelSchema = z.strictObject({
  mountAt: z
    .string()
    .regex(/^(\/[A-Za-z0-9._~-]+)+$/, 'must be a path such as "/auth", without a slash at its end'),
  table: databaseName("table")
    .refine((name) => !/^keyturn_/i.test(name), "is a name that Keyturn uses itself")
    .optional(),
  columns: z.strictObject(columnShape).optional(),
  idType: z.enum(["integer", "bigint", "uuid"]).optional(),
  fields: z.record(fieldName, field).optional(),
  authenticationKeys: authenticationKeys.optional(),
  permittedParameters: permittedParametersSchema.optional(),
  ...schemasOf(featureModelSettings),
});

/** Names of what a model, and of what each of its fields, may say. */
export const modelKeys: readonly string[] = Object.keys(modelSchema.shape);
export const fieldKeys: readonly string[] = Object.keys(field.shape);
export const columnKeys: readonly string[] = Object.keys(columnShape);

/** Names of models and groups. */
export const modelName = z
  .string()
  .regex(/^[a-z][a-zA-Z0-9_]{0,31}$/, "must be a name such as user, of letters, digits and underscores")
  .refine(isFree, ofObjects);

type CheckedModel = z.output<typeof modelSchema>;

/** What no single entry can tell: two models in one place, two names for one column. */
export function checkModels(
  config: Readonly<Record<string, CheckedModel>>,
  routeNames: readonly string[],
): readonly string[] {
  const problems: string[] = [];
  const models = Object.entries(config);
  for (const [key, name] of [
    ["mountAt", "mount point"],
    ["table", "table"],
  ] as const) {
    const seen = new Map<string, string>();
    for (const [modelName, one] of models) {
      const value = key === "mountAt" ? one.mountAt : (one.table ?? `${modelName}s`);
      const other = seen.get(value);
      if (other !== undefined)
        problems.push(`models.${modelName}.${key}: "${value}" is already the ${name} of ${other}`);
      seen.set(value, modelName);
    }
  }
  for (const [modelName, one] of models)
    problems.push(...sharedColumns(modelName, one), ...unusableKeys(modelName, one));
  problems.push(...swallowedRoutes(models, routeNames));
  return problems;
}

// A model that is mounted on the place of another one's route would take that route away.
function swallowedRoutes(
  models: readonly (readonly [string, CheckedModel])[],
  routeNames: readonly string[],
): readonly string[] {
  return models.flatMap(([name, { mountAt }]) =>
    models
      .filter(([, other]) => mountAt.startsWith(`${other.mountAt}/`))
      .filter(([, other]) => routeNames.includes(mountAt.slice(other.mountAt.length + 1).split("/")[0] ?? ""))
      .map(
        ([other]) => `models.${name}.mountAt: "${mountAt}" is a route of ${other}; mount ${name} elsewhere`,
      ),
  );
}

// Two names for one column: what one writes, the other would overwrite. Most databases take "Mail" and "mail" for one.
function sharedColumns(modelName: string, model: CheckedModel): readonly string[] {
  const { columns, fields } = model;
  const seen = new Map<string, string>();
  const all = [
    ...columnsFor(model).map(({ key }) => [`columns.${key}`, columnsOf(columns)[key]] as const),
    ...Object.entries(fields ?? {}).map(
      ([key, field]) => [`fields.${key}.column`, field.column ?? key] as const,
    ),
    ...[...new Map(keysOf(model).map((key) => [key.name, key])).values()].flatMap((key) =>
      key.kind === "email" ? [] : [[`authenticationKeys.${key.name}`, key.column] as const],
    ),
  ];
  return all.flatMap(([place, name]) => {
    const other = seen.get(name.toLowerCase());
    seen.set(name.toLowerCase(), place);
    return other === undefined
      ? []
      : [`models.${modelName}.${place}: "${name}" is already the column of ${other}`];
  });
}

function keysOf({ authenticationKeys, fields }: CheckedModel) {
  return authenticationKeysOf(authenticationKeys, (field) => fields?.[field]?.column ?? field);
}

// What one form takes must never name two accounts.
function unusableKeys(modelName: string, model: CheckedModel): readonly string[] {
  const { fields = {} } = model;
  const names = Object.keys(fields);
  const kinds = new Map<string, string>();
  return keysOf(model).flatMap((key) => {
    const place = `models.${modelName}.authenticationKeys: "${key.name}"`;
    const other = kinds.get(key.kind);
    kinds.set(key.kind, key.name);
    if (other === key.name) return [`${place} stands there twice`];
    if (other !== undefined)
      return [`${place} is a ${key.kind} as "${other}" is, and one value could name two accounts`];
    if (key.kind === "email") return [];
    if (!names.includes(key.name))
      return [`${place} is no field of the model${suggestion(key.name, [...names, "email"])}`];
    if (fields[key.name]?.type !== "string") return [`${place} is a field of another type than string`];
    return key.kind === "name" && key.country !== undefined
      ? [`${place} has a country, which only phone numbers have`]
      : [];
  });
}
