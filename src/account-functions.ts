import { normaliseEmail } from "./accounts/email-address.js";
import type { Account, AccountBase, AccountOf, Model, ModelsConfig } from "./accounts/models.js";
import { UniqueViolation } from "./database/database-error.js";
import type { ListedSession } from "./database/port.js";
import type { Authentication } from "./engine/authentication.js";
import { isClientId } from "./engine/token.js";
import { AuthError } from "./errors.js";
import { accountIds } from "./events.js";
import { deleteAccount } from "./features/delete-account.js";
import { providerToken } from "./features/omniauthable/provider-token.js";
import type { Services } from "./features/services.js";
import { credentialFields } from "./http/credentials.js";
import type { Runtime } from "./http/runtime.js";

/** An account, or its id. */
export type AccountRef = number | bigint | string | Pick<AccountBase, "id">;

/** What the app's own code can do with accounts and sessions: the gem's model methods, and an administrator's. */
export interface AccountFunctions<M extends ModelsConfig> {
  /**
   * Returns the account with its own fields, or `undefined`. Never a password hash.
   *
   * @example
   * const ada = await auth.findAccount("user", 7);
   */
  findAccount<Name extends keyof M & string>(
    model: Name,
    id: number | bigint | string,
  ): Promise<AccountOf<M[Name]> | undefined>;
  /** The same by its e-mail address, which is trimmed and written in lower case first, as at sign-in. */
  findAccountByEmail<Name extends keyof M & string>(
    model: Name,
    email: string,
  ): Promise<AccountOf<M[Name]> | undefined>;
  /**
   * Whether a token would be accepted for an account now (`valid_token?` of the gem). Does not rotate it. `false` for whatever is
   * wrong, also for an account that does not exist.
   */
  validToken(model: keyof M & string, account: AccountRef, token: string, client: string): Promise<boolean>;
  /**
   * Signs an account in without a password (`create_new_auth_token`) and returns the five headers for its client. With the `client` of
   * one of its sessions, that session gets a new token, and every token from before is refused; with one that nobody has, a session of
   * that name is opened. Throws a TypeError for an account that does not exist, and for a client that belongs to another account or
   * that cannot stand in a header or a path.
   *
   * @example
   * // The end of a sign-in of your own kind, in an Express route.
   * res.set(await auth.createNewAuthToken("user", account)).json({ data: account });
   */
  createNewAuthToken(
    model: keyof M & string,
    account: AccountRef,
    client?: string,
  ): Promise<Record<string, string>>;
  /**
   * The five headers for a token that the caller holds (`build_auth_header`), with the expiry of its session. Does not check the token.
   * Throws a TypeError if there is no such account, or if it has no session of that client.
   */
  buildAuthHeaders(
    model: keyof M & string,
    account: AccountRef,
    token: string,
    client: string,
  ): Promise<Record<string, string>>;
  /** The account's sessions, without secrets, the latest used first. None for an account that does not exist. */
  listSessions(model: keyof M & string, account: AccountRef): Promise<readonly ListedSession[]>;
  /**
   * Ends one session, or all of the account's, at once and on every server. Returns how many: 0 for what does not exist.
   *
   * @example
   * await auth.endSessions("user", account); // sign out everywhere
   */
  endSessions(model: keyof M & string, account: AccountRef, client?: string): Promise<number>;
  /** Ends every session of every account of a model, as after the restore of a backup. Returns how many. */
  endAllSessions(model: keyof M & string): Promise<number>;
  /**
   * A provider's access token for an account, renewed if it is about to expire: for requests on its owner's behalf. `undefined`: the account
   * has no identity there, or the provider is not one with `keepTokens`. Throws AuthError `provider_error` when the provider does not renew
   * it any more, and `provider_unavailable`.
   */
  providerToken(model: keyof M & string, account: AccountRef, provider: string): Promise<string | undefined>;
  /**
   * Deletes an account with its sessions, links and identities, in one transaction, and runs the hook `afterDelete`. Throws an AuthError
   * `account_not_found` if there is none, and `account_in_use` if rows of your own refer to it and the database does not let it go.
   */
  deleteAccount(model: keyof M & string, account: AccountRef): Promise<void>;
  /**
   * Shuts an account of a `disableable` model out: its sessions end and its links are void in one transaction, and no sign-in, reset,
   * confirmation or unlock opens another until `enableAccount`. Throws an AuthError `account_not_found` if there is none, and a TypeError
   * for a model that is not disableable.
   */
  disableAccount(model: keyof M & string, account: AccountRef): Promise<void>;
  /** Lets a disabled account in again. Throws as `disableAccount` does. */
  enableAccount(model: keyof M & string, account: AccountRef): Promise<void>;
  /**
   * Takes away the lock of an account of a `lockable` model, and the failures that led to it. Throws an AuthError `account_not_found`
   * if there is none, and a TypeError for a model that is not lockable.
   */
  unlockAccount(model: keyof M & string, account: AccountRef): Promise<void>;
}

const noDevice = { userAgent: null, address: null, label: null };

/** `open`: opens the runtime, or returns the open one. Every function throws a TypeError for a model or an id that cannot be one. */
export function createAccountFunctions<M extends ModelsConfig>(
  open: () => Promise<Runtime>,
): AccountFunctions<M> {
  const opened = async (name: string): Promise<Runtime & { readonly model: Model }> => {
    const runtime = await open();
    return { ...runtime, model: runtime.registry.model(name) };
  };
  const existing = async (name: string, ref: AccountRef) => {
    const runtime = await opened(name);
    const account = await findAccount(runtime.services, runtime.model, ref);
    if (!account) throw new TypeError(`There is no ${name} with the id ${idOf(ref)}`);
    return { ...runtime, account };
  };
  /** An account of a model that keeps a state which can be changed. */
  const stateful = async (name: string, ref: AccountRef, feature: "disableable" | "lockable") => {
    const { services, model } = await opened(name);
    if (!model[feature]) throw new TypeError(`models.${name} needs ${feature}: true for this`);
    const account = await findAccount(services, model, ref);
    if (!account) throw new AuthError("account_not_found");
    return { services, model, account };
  };
  const headers = ({ settings }: Runtime, authentication: Authentication): Record<string, string> =>
    credentialFields(authentication, settings.headersNames);

  return {
    async findAccount<Name extends keyof M & string>(name: Name, id: number | bigint | string) {
      const { services, model } = await opened(name);
      return (await findAccount(services, model, id)) as AccountOf<M[Name]> | undefined;
    },
    async findAccountByEmail<Name extends keyof M & string>(name: Name, email: string) {
      const { services, model } = await opened(name);
      const read = normaliseEmail(email);
      const record = read.ok ? await services.store.accounts.findByEmail(model, read.email) : undefined;
      return record?.account as AccountOf<M[Name]> | undefined;
    },
    async validToken(name, ref, token, client) {
      const { services, model } = await opened(name);
      const account = await findAccount(services, model, ref);
      return account !== undefined && services.sessions.isValid(model, account, token, client);
    },
    async createNewAuthToken(name, ref, client) {
      const runtime = await existing(name, ref);
      const { model, account } = runtime;
      const { sessions } = runtime.services;
      if (client === undefined) return headers(runtime, await sessions.create(model, account, noDevice));
      if (!isClientId(client))
        throw new TypeError(
          '"client" must be 1 to 64 letters, digits and any of . _ ~ -, and must not be dots alone',
        );
      const renewed = await sessions.renew(model, account, client);
      if (renewed) return headers(runtime, renewed);
      const created = sessions.create(model, account, noDevice, { client });
      return headers(runtime, await created.catch(refuseForeignClient));
    },
    async buildAuthHeaders(name, ref, token, client) {
      const runtime = await existing(name, ref);
      const { model, account, services } = runtime;
      const authentication = await services.sessions.authenticationOf(model, account, token, client);
      if (!authentication)
        throw new TypeError(`The ${name} with the id ${account.id} has no session of that client`);
      return headers(runtime, authentication);
    },
    async listSessions(name, ref) {
      const { services, model } = await opened(name);
      const account = await findAccount(services, model, ref);
      return account ? services.store.sessions.list(model, String(account.id)) : [];
    },
    async endSessions(name, ref, client) {
      const { services, model } = await opened(name);
      const account = await findAccount(services, model, ref);
      if (!account) return 0;
      const { sessions } = services.store;
      const accountId = String(account.id);
      const ended =
        client === undefined
          ? ((await sessions.endAll(model, accountId)) ?? 0)
          : Number(await sessions.end(model, accountId, client));
      if (ended > 0)
        services.emit("session.ended", {
          model: name,
          accountId,
          ...(client === undefined ? {} : { client }),
        });
      return ended;
    },
    async endAllSessions(name) {
      const { services, model } = await opened(name);
      const ended = await services.store.sessions.endModel(model);
      if (ended > 0) services.emit("session.ended", { model: name, reason: "all sessions of the model" });
      return ended;
    },
    async providerToken(name, ref, provider) {
      const { services, model } = await opened(name);
      const account = await findAccount(services, model, ref);
      return account && providerToken(services, model, String(account.id), provider);
    },
    async deleteAccount(name, ref) {
      const { services, model } = await opened(name);
      const account = await findAccount(services, model, ref);
      if (!account) throw new AuthError("account_not_found");
      await deleteAccount(services, model, account);
    },
    async disableAccount(name, ref) {
      const { services, model, account } = await stateful(name, ref, "disableable");
      if (await services.store.accounts.disable(model, String(account.id)))
        services.emit("account.disabled", accountIds(model, account));
    },
    async enableAccount(name, ref) {
      const { services, model, account } = await stateful(name, ref, "disableable");
      if (await services.store.accounts.enable(model, String(account.id)))
        services.emit("account.enabled", accountIds(model, account));
    },
    async unlockAccount(name, ref) {
      const { services, model, account } = await stateful(name, ref, "lockable");
      await services.store.accounts.forgetFailures(model, String(account.id));
      services.emit("account.unlocked", accountIds(model, account));
    },
  };
}

async function findAccount({ store }: Services, model: Model, ref: AccountRef): Promise<Account | undefined> {
  // The store knows what an id of the model's table looks like, and finds nothing for another.
  return (await store.accounts.find(model, idOf(ref)))?.account;
}

/** The id as text. Throws a TypeError for what can be no id at all, such as an object without one. */
function idOf(ref: AccountRef): string {
  const id: unknown = typeof ref === "object" && ref !== null ? ref.id : ref;
  if (typeof id === "string" || typeof id === "bigint") return String(id);
  if (typeof id === "number" && Number.isSafeInteger(id)) return String(id);
  throw new TypeError(
    'An account is named by its id, a whole number, a bigint or a text, or by an object such as { id: "…" }. Numbers past 2^53 have to be texts or bigints',
  );
}

function refuseForeignClient(error: unknown): never {
  if (error instanceof UniqueViolation)
    throw new TypeError('"client" is the name of a session of another account', { cause: error });
  throw error;
}
