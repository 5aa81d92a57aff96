import type { HooksConfig } from "../accounts/hooks.js";
import type { GroupsConfig, ModelsConfig, StrictModels } from "../accounts/models.js";
import type { OverridesConfig } from "../accounts/overrides.js";
import type { Database } from "../database/port.js";
import type { featureSettings } from "../features/settings.js";
import type { coreSettings } from "./core-settings.js";
import type { languageSettings } from "./language-settings.js";
import type { InputOf } from "./setting.js";

/** What `createAuth` takes. Names follow devise_token_auth's, in camelCase. */
export interface AuthConfig<
  M extends ModelsConfig = ModelsConfig,
  G extends GroupsConfig<M> = GroupsConfig<M>,
> extends Settings {
  /** Where the accounts and sessions are: `sqlite("app.db")` and the like. */
  readonly database: Database;
  /** The kinds of account, by name. */
  readonly models: M & StrictModels<NoInfer<M>>;
  /** Names for several models together: `{ member: ["user", "admin"] }`. */
  readonly groups?: G;
  /** Your own part in the auth routes of a model: more in their responses, fields that clients cannot write, refusals. */
  readonly hooks?: HooksConfig<NoInfer<M>>;
  /** Actions of your own in the place of a model's: each may call the one that it replaces. */
  readonly overrides?: OverridesConfig<NoInfer<M>>;
}

/** Every setting that is a plain value or a function. */
export interface Settings
  extends InputOf<typeof coreSettings>,
    InputOf<typeof languageSettings>,
    InputOf<typeof featureSettings> {
  /**
   * Absolute URL under which clients reach this server. Links in mails begin with it, never with what a request says. Required.
   *
   * @example "https://api.example.com"
   */
  readonly baseUrl: string;
}
