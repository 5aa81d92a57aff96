import type { ActionName, actionTable } from "./actions.js";
import type { AccountOf, ModelConfig, ModelsConfig } from "./models.js";

/** Actions of the app's own, by model. */
export type OverridesConfig<M extends ModelsConfig> = {
  readonly [Name in keyof M]?: ModelOverrides<M[Name]>;
};

/** Actions of the app's own for one model, in the place of Keyturn's. Each may call the one that it replaces. */
export type ModelOverrides<M extends ModelConfig> = {
  readonly [Action in ActionName]?: Override<M, Action>;
};

/**
 * An action of the app's own. Without a model or an action it fits any.
 *
 * @example The user JSON of validate_token, with a method of the model's
 * const validateToken: Override<typeof models.user, "validateToken"> = async (call, original) => {
 *   const response = await original();
 *   return { ...response, body: { ...response.body, operating_thetan: thetanOf(call.account) } };
 * };
 */
export type Override<M extends ModelConfig = ModelConfig, Action extends ActionName = ActionName> = {
  // A method, so that one function serves several models and actions.
  override(
    call: OverrideCall<M, Action>,
    original: Original<Action>,
  ): OverrideResponse | Promise<OverrideResponse>;
}["override"];

/** What an override is given of a request. */
export interface OverrideCall<M extends ModelConfig = ModelConfig, Action extends ActionName = ActionName> {
  /**
   * Whom the request is about, as a copy: of whoever is signed in, or once `original` has found or made it. `null` while there is none
   * yet, and where the request only names an address, which proves nothing.
   */
  readonly account: AccountOf<M> | (IsSignedIn<Action> extends true ? never : null);
  /** Id of the session: what the headers call `client`. `null` while there is none. */
  readonly client: string | (IsSignedIn<Action> extends true ? never : null);
  /** Name of the model. */
  readonly model: string;
  readonly action: Action;
  /** What the request says, in its body and where the action allows it in its query. */
  readonly params: ParamValues;
  /** The segments of the path that have a name: `id` of `/sessions/:id`, `provider`. */
  readonly path: Readonly<Record<string, string>>;
  /** Who asks. */
  readonly caller: { readonly address: string | null; readonly userAgent: string | null };
  /** A header of the request, by its name in any case. */
  header(name: string): string | undefined;
}

/** Parameters by name. */
export type ParamValues = Readonly<Record<string, string | number | boolean | null>>;

/**
 * The action that is replaced, with everything it does. `params` take the place of single parameters of the request. Rejects with an
 * AuthError where the action refuses; one that is not caught becomes its usual response.
 */
export type Original<Action extends ActionName = ActionName> = (
  params?: ParamValues,
) => Promise<OriginalResponse<(typeof actionTable)[Action]["shows"]>>;

/** What Keyturn's own action responds with: JSON, or something for a browser. */
export type OriginalResponse<Shows> = Shows extends "account"
  ? JsonResponse<JsonBody & { readonly data: JsonBody }>
  : Shows extends "json"
    ? JsonResponse<JsonBody>
    : BrowserResponse;

interface JsonResponse<Body> {
  readonly status: number;
  readonly body: Body;
  readonly redirect?: undefined;
  readonly html?: undefined;
}

interface BrowserResponse {
  readonly status: number;
  readonly body?: undefined;
  readonly redirect?: string | undefined;
  readonly html?: string | undefined;
}

/** A JSON object. */
export type JsonBody = Readonly<Record<string, unknown>>;

/**
 * What an override responds with: JSON, a redirect, or a page; with the status 204 nothing. Credentials, cookies, CORS and
 * `Cache-Control: no-store` are added to it, and are not its own to set.
 */
export interface OverrideResponse {
  /** Default: 200, or 302 for a redirect. */
  readonly status?: number | undefined;
  readonly body?: object | undefined;
  /** Content type of the body: `application/json`, or one that ends with `+json`. Default: `application/json`. */
  readonly type?: string | undefined;
  /** An address that the `redirectAllowlist` has, or the one that `original` redirects to. */
  readonly redirect?: string | undefined;
  readonly html?: string | undefined;
  /** Keyturn's own. */
  readonly headers?: never;
}

type IsSignedIn<Action extends ActionName> = (typeof actionTable)[Action]["access"] extends "session"
  ? true
  : false;

/** An override of the configuration, which has been checked. What it returns has not. */
export type CheckedOverride = (
  call: OverrideCall,
  original: (params?: ParamValues) => Promise<OverrideResponse>,
) => unknown;

export type CheckedOverrides = Readonly<
  Record<string, { readonly [Action in ActionName]?: CheckedOverride | undefined } | undefined>
>;
