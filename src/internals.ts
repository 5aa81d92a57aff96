import type { Accounts } from "./account-functions/accounts.js";
import type { Audience, GroupsConfig, ModelsConfig, Registry } from "./accounts/models.js";
import type { AuthConfig } from "./config/config.js";
import type { Languages } from "./config/languages.js";
import type { ResolvedSettings } from "./config/resolve.js";
import type { AuthenticationOutcome } from "./http/authenticate.js";
import type { RequestHead } from "./http/credentials.js";
import type { Origins } from "./http/origins.js";

/**
 * The key under which an Auth keeps what adapters, the command line and tests need of it and apps do not. Every copy of Keyturn in a
 * process has the same one.
 */
export const internals: unique symbol = Symbol.for("keyturn.internals");

export interface AuthInternals<
  M extends ModelsConfig = ModelsConfig,
  G extends GroupsConfig<M> = GroupsConfig<M>,
> {
  /** What `createAuth` was given. */
  readonly config: AuthConfig<M, G>;
  /** The same with every default filled in; durations in milliseconds. */
  readonly settings: ResolvedSettings;
  readonly registry: Registry;
  /** Whose front ends may read responses. */
  readonly origins: Origins;
  /** `auth.accounts` for the command line: events name the system's user. */
  accountsBy(user: string): Accounts<M>;
  /** Who reads which language. */
  readonly languages: Languages;
  /** Whether a path (without query) lies below the mount point of a model, or is where a provider sends browsers back. */
  handles(path: string): boolean;
  /** Finds out who asks for one of the app's own routes. Never rejects. Throws a TypeError for an audience that there is not. */
  authenticate(audience: Audience<M, G>, head: RequestHead): Promise<AuthenticationOutcome>;
}

/** An Auth, for a function that needs only these of its internal parts. */
export interface WithInternals<Name extends keyof AuthInternals> {
  readonly [internals]: Pick<AuthInternals, Name>;
}
