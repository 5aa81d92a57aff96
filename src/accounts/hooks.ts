import { AuthError } from "../errors.js";
import type { ActionName } from "./actions.js";
import type {
  Account,
  AccountBase,
  AccountOf,
  FieldsOf,
  Model,
  ModelConfig,
  ModelsConfig,
  Shown,
} from "./models.js";
import type { ParamValues } from "./overrides.js";
import { fitsField } from "./validation.js";

/** The app's own part in the auth routes, by model. */
export type HooksConfig<M extends ModelsConfig> = { readonly [Name in keyof M]?: ModelHooks<M[Name]> };

/** Each may be async, and the response waits for it. Accounts are copies: changing one changes nothing. */
export interface ModelHooks<M extends ModelConfig> {
  /** The user JSON of every response: what it returns is shown instead of the account. `asked` tells which action responds. */
  answer?(account: ShownAccount<M>, asked: Asked): JsonObject | Promise<JsonObject>;
  /**
   * Before an account is made, behind every other check and before the transaction that writes it: however it arises. Fields that it
   * returns are set, writable from outside or not.
   *
   * @example Who was invited need not confirm the address, and is signed in at once
   * beforeCreate: async ({ email, params, skipConfirmation }) => {
   *   if (await isInvited(email, params.invitation)) skipConfirmation();
   * }
   */
  beforeCreate?(signUp: SignUpGiven<M>): Returned<SomeFields<M>>;
  /** The same before `PUT /` changes an account; not before a change of its password by `PUT /password`. */
  beforeUpdate?(update: UpdateGiven<M>): Returned<SomeFields<M>>;
  /** There is a new account, in a transaction that is finished, and its confirmation mail is out. */
  afterCreate?(account: AccountOf<M>, origin: AccountOrigin): unknown;
  /** A client got a session: by its password, by registering where nothing has to be confirmed, by the new password of a reset link, or with a provider. */
  afterSignIn?(signedIn: { readonly account: AccountOf<M>; readonly client: string }): unknown;
  /** An account is gone, with its sessions; also after `auth.accounts.delete`. */
  afterDelete?(account: AccountOf<M>): unknown;
}

/** An account as a response shows it: sign-in and validate_token leave the times out. A registration that was refused has null for id and times. */
export type ShownAccount<M extends ModelConfig> = Shown<
  Omit<AccountBase, "id" | "created_at" | "updated_at"> & {
    readonly id: number | string | null;
    readonly created_at?: string | null;
    readonly updated_at?: string | null;
  } & FieldsOf<M>
>;

/**
 * A sign-up that has passed every check. `fields`: what the client sent of those that it may write, and the profile of a provider.
 * `email`: blank for an account without one, which only a provider opens, where the model has `emailRequired: false`.
 */
export type SignUpGiven<M extends ModelConfig> = Shown<SignUpOf<Shown<Partial<FieldsOf<M>>>>>;

interface SignUpOf<Fields> extends AccountOrigin {
  readonly email: string;
  readonly fields: Fields;
  /** What the client sent of the parameters that `permittedParameters` names. */
  readonly params: ParamValues;
  /**
   * This account's address counts as confirmed: no mail goes out, and a registration signs in at once. As a hook of its own it says so
   * of every account: `beforeCreate: skipConfirmation`.
   */
  skipConfirmation(): void;
}

/** How an account arises. */
export interface AccountOrigin {
  /** By a registration form, by a provider's word, by the app's own code, or by the command line. */
  readonly via: "form" | "provider" | "code" | "cli";
  /** Name of the provider; `null` for other origins. */
  readonly provider: string | null;
}

/** Which response shows an account. */
export interface Asked {
  readonly action: ActionName;
  /** Name of the model. */
  readonly model: string;
}

/**
 * The hook `beforeCreate` of a model whose accounts need not confirm their address: `before_create :skip_confirmation!` of
 * devise_token_auth. For some accounts only, call the function of that name that the hook is given.
 *
 * @example
 * hooks: { user: { beforeCreate: skipConfirmation } }
 */
export function skipConfirmation(signUp: { skipConfirmation(): void }): undefined {
  signUp.skipConfirmation();
}

/** A change that has passed every check. `email`: the new address, if there is to be one. */
export type UpdateGiven<M extends ModelConfig> = Shown<UpdateOf<AccountOf<M>, Shown<Partial<FieldsOf<M>>>>>;

interface UpdateOf<Account, Fields> {
  readonly account: Account;
  readonly email: string | undefined;
  readonly fields: Fields;
  /** What the client sent of the parameters that `permittedParameters` names. */
  readonly params: ParamValues;
}

type JsonObject = Readonly<Record<string, unknown>>;
/** What a `before` hook may return. A field that is undefined stays as it is. */
type Returned<Fields> = NoFields | Fields | Promise<NoFields | Fields>;
// biome-ignore lint/suspicious/noConfusingVoidType: `beforeCreate: ({ skipConfirmation }) => skipConfirmation()` returns that
type NoFields = undefined | void;
type SomeFields<M extends ModelConfig> = Shown<{
  readonly [F in keyof FieldsOf<M>]?: FieldsOf<M>[F] | undefined;
}>;

export type HookName = keyof ModelHooks<ModelConfig>;
export type Hook = (given: object, more?: object) => unknown;

/** The hooks of the configuration, which has been checked. What they return has not. */
export type CheckedHooks = Readonly<
  Record<string, { readonly [Name in HookName]?: Hook | undefined } | undefined>
>;

type Values = Readonly<Record<string, unknown>>;

export interface NewAccountGiven {
  readonly email: string;
  readonly fields: Values;
  readonly params: ParamValues;
  readonly origin: AccountOrigin;
}

export interface NewAccountDecided {
  /** The fields to write. */
  readonly fields: Values;
  /** Whether the address counts as confirmed. */
  readonly skipsConfirmation: boolean;
}

export interface ChangeGiven {
  readonly account: Account;
  readonly email: string | undefined;
  readonly fields: Values;
  readonly params: ParamValues;
}

/** Runs the hooks of all models. A `before` hook throws AuthError `invalid` to refuse; any other error of a `before` hook or of `answer` is the server's own. An `after` hook never throws. */
export interface Hooks {
  answer(model: Model, account: Values, action: ActionName): Promise<Values>;
  beforeCreate(model: Model, given: NewAccountGiven): Promise<NewAccountDecided>;
  /** The fields to write. */
  beforeUpdate(model: Model, given: ChangeGiven): Promise<Values>;
  afterCreate(model: Model, account: Account, origin: AccountOrigin): Promise<void>;
  afterSignIn(model: Model, account: Account, client: string): Promise<void>;
  afterDelete(model: Model, account: Account): Promise<void>;
}

export function createHooks(hooks: CheckedHooks, onError: (error: unknown) => void): Hooks {
  const run = async (model: Model, name: HookName, given: object, more?: object): Promise<unknown> => {
    try {
      return await hooks[model.name]?.[name]?.(given, more);
    } catch (error) {
      if (name.startsWith("before") && error instanceof AuthError && error.code === "invalid") throw error;
      // Whatever else it throws, another AuthError too, is a mistake of the server.
      throw new Error(`${placeOf(model, name)} failed`, { cause: error });
    }
  };
  const after = async (model: Model, name: HookName, given: object, more?: object): Promise<void> => {
    await run(model, name, given, more).catch(onError);
  };
  return {
    async answer(model, account, action) {
      if (!hooks[model.name]?.answer) return account;
      const shown = await run(model, "answer", { ...account }, { action, model: model.name });
      if (!isRecord(shown)) throw new TypeError(`${placeOf(model, "answer")} has to return an object`);
      return shown;
    },
    async beforeCreate(model, { email, fields, params, origin }) {
      let skipsConfirmation = false;
      const signUp = {
        email,
        fields: { ...fields },
        params,
        ...origin,
        skipConfirmation() {
          skipsConfirmation = true;
        },
      };
      const set = await run(model, "beforeCreate", signUp);
      return { fields: { ...fields, ...fieldsToSet(model, "beforeCreate", set) }, skipsConfirmation };
    },
    async beforeUpdate(model, { account, email, fields, params }) {
      const given = { account: { ...account }, email, fields: { ...fields }, params };
      const set = await run(model, "beforeUpdate", given);
      return { ...fields, ...fieldsToSet(model, "beforeUpdate", set) };
    },
    afterCreate: (model, account, origin) => after(model, "afterCreate", { ...account }, origin),
    afterSignIn: (model, account, client) => after(model, "afterSignIn", { account: { ...account }, client }),
    afterDelete: (model, account) => after(model, "afterDelete", { ...account }),
  };
}

// A misspelt field would be dropped silently by the store, and a wrong type would be the database's to judge.
function fieldsToSet(model: Model, name: HookName, set: unknown): Values {
  if (set === undefined) return {};
  if (!isRecord(set)) throw new TypeError(`${placeOf(model, name)} has to return fields, or nothing`);
  const given = Object.entries(set).filter(([, value]) => value !== undefined);
  for (const [key, value] of given) {
    const field = model.fields.find((one) => one.name === key);
    if (!field)
      throw new TypeError(`${placeOf(model, name)} returned "${key}", which is no field of the model`);
    if (!fitsField(field, value))
      throw new TypeError(
        `${placeOf(model, name)} returned a value for "${key}" that does not fit the field`,
      );
  }
  return Object.fromEntries(given);
}

function placeOf(model: Model, name: HookName): string {
  return `hooks.${model.name}.${name}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
