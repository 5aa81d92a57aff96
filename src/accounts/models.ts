import { type FeatureModel, type FeatureModelConfig, featureModelSettings } from "../features/settings.js";
import type { ActionName } from "./actions.js";
import {
  type AuthenticationKey,
  type AuthenticationKeysConfig,
  authenticationKeysOf,
} from "./authentication-keys.js";
import { accountColumnList, type ColumnNames, columnsOf, type ListedColumn } from "./column-list.js";

/** The registry of account models: what `models` and `groups` of the configuration mean. */

export type FieldType = "string" | "integer" | "number" | "boolean";

/** A column of the model's own, beside the ones that Keyturn needs. */
export interface FieldConfig {
  /** What the values of the field are. */
  readonly type: FieldType;
  /** Who may set it from outside. Default `false`: only your own code. `true`: sign-up and account update. */
  readonly writable?: boolean | "sign_up" | "account_update";
  /** Longest text, in code points. Default `255`. */
  readonly maxLength?: number;
  /** Refuse a sign-up without it. Default `false`. */
  readonly required?: boolean;
  /** Name of its column. Default: the field's name. */
  readonly column?: string;
}

/** What the primary key of an accounts table is. Numbers are the database's, UUIDs the column's default or ours. */
export type IdType = "integer" | "bigint" | "uuid";

export interface ModelConfig extends FeatureModelConfig {
  /** Path below which the model's routes live, such as `"/auth"`. */
  readonly mountAt: string;
  /** Name of the accounts table, which may exist. Default: the model's name with an `s`. */
  readonly table?: string;
  /** Names of the columns that are called otherwise in that table: `{ email: "mail" }`. */
  readonly columns?: Partial<ColumnNames>;
  /** Type of the accounts' ids. Default: what an existing table has, else `"bigint"`. */
  readonly idType?: IdType;
  /**
   * Fields of your own, as columns of the accounts table.
   *
   * @example { name: { type: "string", writable: true }, plan: { type: "string" } }
   */
  readonly fields?: Readonly<Record<string, FieldConfig>>;
  /**
   * What accounts are named by at sign-in: `"email"`, and fields that hold a name or a phone number, one of each at most. Default `["email"]`.
   *
   * @example ["email", "username", { field: "phone", as: "phone", country: "DE" }]
   */
  readonly authenticationKeys?: AuthenticationKeysConfig;
  /**
   * Parameters of your own, by action: hooks and overrides get them, no column does. Default: none; the fields are permitted by `writable`.
   *
   * @example { register: ["invitation"] }
   */
  readonly permittedParameters?: PermittedParameters;
}

/** Names of parameters, by the action that takes them. */
export type PermittedParameters = { readonly [Action in ActionName]?: readonly string[] | undefined };

/** A model with every default filled in. */
export interface Model extends Omit<FeatureModel, "reconfirmable"> {
  readonly name: string;
  readonly mountAt: string;
  readonly table: string;
  readonly columns: ColumnNames;
  /** As configured; `undefined`: what the table has. */
  readonly idType: IdType | undefined;
  readonly fields: readonly Field[];
  readonly authenticationKeys: readonly AuthenticationKey[];
  readonly permittedParameters: PermittedParameters;
  readonly reconfirmable: boolean;
}

export interface Field {
  readonly name: string;
  readonly column: string;
  readonly type: FieldType;
  readonly maxLength: number;
  readonly required: boolean;
  readonly onSignUp: boolean;
  readonly onAccountUpdate: boolean;
}

/** Columns of every accounts table, as they are shown to the account's owner. */
export interface AccountBase {
  readonly id: number | string;
  readonly provider: string;
  /** What the `uid` header says: the e-mail address of accounts that registered with one. */
  readonly uid: string;
  readonly email: string | null;
  /** ISO 8601. */
  readonly created_at: string;
  readonly updated_at: string;
}

/** An account of any model: what a handler gets, and what goes over the wire. It has no secrets. */
export type Account = AccountBase & Readonly<Record<string, unknown>>;

type FieldValue<T extends FieldType> = T extends "string" ? string : T extends "boolean" ? boolean : number;

/** A model's own fields by their types. Any of them may not have been set. */
export type FieldsOf<M extends ModelConfig> = {
  readonly [F in keyof M["fields"]]: M["fields"][F] extends FieldConfig
    ? FieldValue<M["fields"][F]["type"]> | null
    : never;
};

/** Names of what an account of a model can be named by. */
export type AuthenticationKeyOf<M extends ModelConfig> = ModelConfig extends M
  ? string
  : M extends { readonly authenticationKeys: readonly (infer Entry)[] }
    ? Entry extends { readonly field: infer Name extends string }
      ? Name
      : Entry & string
    : "email";

/** An account by one of its keys: `{ username: "Ada" }`. */
export type NamedAccount<M extends ModelConfig> = {
  [Key in AuthenticationKeyOf<M>]: { readonly [Name in Key]: string };
}[AuthenticationKeyOf<M>];

/** The same type, which editors show by its members. */
export type Shown<T> = { [Key in keyof T]: T[Key] } & {};

/** An account of one model. */
export type AccountOf<M extends ModelConfig> = Shown<AccountBase & FieldsOf<M>>;

export type ModelsConfig = Readonly<Record<string, ModelConfig>>;
export type GroupsConfig<M> = Readonly<Record<string, readonly (keyof M & string)[]>>;

/** Names that `authenticate` takes: models and groups. */
export type Audience<M, G> = (keyof M & string) | (keyof G & string);

/** Names of the models that an audience lets in. */
type MemberOf<M, G, Name extends string> = Name extends keyof M
  ? Name
  : Name extends keyof G
    ? G[Name] extends readonly (infer Member)[]
      ? Member
      : never
    : never;

/** Type of the account that an audience lets in: one model's, or any of a group's. */
export type AccountIn<M extends ModelsConfig, G, Name extends string> = SignedIn<M, G, Name>["account"];

/** Who is signed in, and with which session. In a group, `model` tells which fields the account has. */
export type SignedIn<M extends ModelsConfig, G, Name extends string> = SignedInAs<M, MemberOf<M, G, Name>>;

type SignedInAs<M extends ModelsConfig, Member> = Member extends keyof M & string
  ? {
      readonly account: AccountOf<M[Member]>;
      /** Name of the account's model. */
      readonly model: Member;
      /** Id of the session: what the headers call `client`. */
      readonly client: string;
    }
  : never;

/** Says at its key that a model has no such setting: inferred types would take any. */
export type StrictModels<M> = {
  readonly [Name in keyof M]: Strict<M[Name], ModelConfig> & {
    readonly fields?: M[Name] extends { readonly fields: infer Fields }
      ? { readonly [F in keyof Fields]: Strict<Fields[F], FieldConfig> }
      : unknown;
    readonly columns?: M[Name] extends { readonly columns: infer Columns }
      ? Strict<Columns, ColumnNames>
      : unknown;
  };
};

// The known keys say nothing of their values. They are there for editors, which show the description of each.
type Strict<Given, Known> = { readonly [Key in keyof Known]?: unknown } & {
  readonly [Key in Exclude<keyof Given, keyof Known>]: NoSuchSetting<Key>;
};

/** What the compiler's message calls a misspelt key. Nothing is of this type. */
export interface NoSuchSetting<Key> {
  readonly "there is no such setting": Key;
}

const everyModels: readonly ListedColumn[] = accountColumnList;

/** Names that a field cannot have, because they are already used for something of every account. */
export const reservedFields: ReadonlySet<string> = new Set([
  ...everyModels.flatMap(({ name, when }) => (when === undefined ? [name] : [])),
  "password",
  "password_confirmation",
  "current_password",
  "tokens",
  "errors",
  // Both have a meaning of their own among the errors of fields.
  "base",
  "full_messages",
]);

export interface Registry {
  readonly models: readonly Model[];
  readonly groups: Readonly<Record<string, readonly string[]>>;
  /** The model of that name; a TypeError for a name that the configuration does not have. */
  model(name: string): Model;
  /** The models that an audience lets in. */
  audience(name: string): readonly Model[];
}

/** Fills in the defaults. The configuration has been checked by now. */
export function createRegistry(
  models: ModelsConfig,
  groups: Readonly<Record<string, readonly string[]>>,
): Registry {
  const all = Object.entries(models).map(([name, config]) => toModel(name, config));
  const byName = new Map(all.map((model) => [model.name, model]));
  const model = (name: string): Model => {
    const found = byName.get(name);
    if (!found)
      throw new TypeError(
        `There is no model "${name}". The configuration names: ${[...byName.keys()].join(", ")}`,
      );
    return found;
  };
  const audiences = new Map<string, readonly Model[]>(all.map((one) => [one.name, [one]]));
  for (const [name, members] of Object.entries(groups)) audiences.set(name, members.map(model));
  return {
    models: all,
    groups,
    model,
    audience(name) {
      const found = audiences.get(name);
      if (!found)
        throw new TypeError(
          `There is no model or group "${name}". The configuration names: ${[...audiences.keys()].join(", ")}`,
        );
      return found;
    },
  };
}

function toModel(name: string, config: ModelConfig): Model {
  const features = featureModelOf(config);
  return {
    name,
    mountAt: config.mountAt,
    table: config.table ?? `${name}s`,
    columns: columnsOf(config.columns),
    idType: config.idType,
    fields: Object.entries(config.fields ?? {}).map(([fieldName, field]) => ({
      name: fieldName,
      column: field.column ?? fieldName,
      type: field.type,
      maxLength: field.maxLength ?? 255,
      required: field.required ?? false,
      onSignUp: field.writable === true || field.writable === "sign_up",
      onAccountUpdate: field.writable === true || field.writable === "account_update",
    })),
    authenticationKeys: authenticationKeysOf(
      config.authenticationKeys,
      (field) => config.fields?.[field]?.column ?? field,
    ),
    permittedParameters: config.permittedParameters ?? {},
    ...features,
    reconfirmable: features.reconfirmable ?? features.confirmable,
  };
}

/** The settings that features have for each model, with their defaults. */
function featureModelOf(config: FeatureModelConfig): FeatureModel {
  const given: Readonly<Record<string, unknown>> = { ...config };
  return Object.fromEntries(
    Object.entries(featureModelSettings).map(([name, { schema }]) => [name, schema.parse(given[name])]),
  ) as FeatureModel;
}
