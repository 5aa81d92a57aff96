import { UniqueViolation } from "../database/driver.js";
import type { AccountRecord, ListedSession } from "../database/port.js";
import type { Authentication } from "../engine/sessions.js";
import { isClientId } from "../engine/token.js";
import { AuthError } from "../errors.js";
import { deleteAccount } from "../features/account-update/update-account.js";
import { credentialFields } from "../http/credentials.js";
import type { Runtime } from "../http/runtime.js";
import { normaliseEmail } from "./email-address.js";
import type { AccountBase, AccountOf, Model, ModelsConfig } from "./models.js";

/** An account, or its id. */
export type AccountRef = number | string | Pick<AccountBase, "id">;

/** What the app's own code can do with accounts and sessions: the gem's model methods, and an administrator's. */
export interface AccountFunctions<M extends ModelsConfig> {
  findAccount<Name extends keyof M & string>(
    model: Name,
    id: number | string,
  ): Promise<AccountOf<M[Name]> | undefined>;
  findAccountByEmail<Name extends keyof M & string>(
    model: Name,
    email: string,
  ): Promise<AccountOf<M[Name]> | undefined>;
  /** Whether a token is good for an account now (`valid_token?` of the gem). Does not rotate it. */
  validToken(model: keyof M & string, account: AccountRef, token: string, client: string): Promise<boolean>;
  /**
   * Signs an account in without a password (`create_new_auth_token`): the headers for its client. With the `client` of one of its
   * sessions, that session gets a new token; with one that nobody has, a session of that name is opened.
   * Throws a TypeError for a client that belongs to another account, or that cannot stand in a header or a path.
   */
  createNewAuthToken(
    model: keyof M & string,
    account: AccountRef,
    client?: string,
  ): Promise<Record<string, string>>;
  /** The headers for a token that the caller holds (`build_auth_header`). Throws a TypeError if the account has no such session. */
  buildAuthHeaders(
    model: keyof M & string,
    account: AccountRef,
    token: string,
    client: string,
  ): Promise<Record<string, string>>;
  listSessions(model: keyof M & string, account: AccountRef): Promise<readonly ListedSession[]>;
  /** Ends one session, or all of the account's; answers how many. */
  endSessions(model: keyof M & string, account: AccountRef, client?: string): Promise<number>;
  /** Ends every session of every account of a model; answers how many. */
  endAllSessions(model: keyof M & string): Promise<number>;
  /** Deletes an account with its sessions. Throws AuthError `account_not_found`. */
  deleteAccount(model: keyof M & string, account: AccountRef): Promise<void>;
}

const noDevice = { userAgent: null, address: null, label: null };

export function createAccountFunctions<M extends ModelsConfig>(
  open: () => Promise<Runtime>,
): AccountFunctions<M> {
  const runtime = async (name: string): Promise<{ runtime: Runtime; model: Model }> => {
    const opened = await open();
    return { runtime: opened, model: opened.registry.model(name) };
  };
  const find = async (
    { services }: Runtime,
    model: Model,
    account: AccountRef,
  ): Promise<AccountRecord | undefined> => {
    const id = idOf(account);
    return isAccountId(id) ? services.store.accounts.find(model, id) : undefined;
  };
  const existing = async (name: string, account: AccountRef) => {
    const { runtime: opened, model } = await runtime(name);
    const record = await find(opened, model, account);
    if (!record) throw new TypeError(`There is no ${name} with the id ${idOf(account)}`);
    return { runtime: opened, model, account: record.account };
  };
  const headers = ({ settings }: Runtime, authentication: Authentication): Record<string, string> =>
    credentialFields(authentication, settings.headersNames);

  return {
    async findAccount<Name extends keyof M & string>(name: Name, id: number | string) {
      const { runtime: opened, model } = await runtime(name);
      const record = await find(opened, model, id);
      return record?.account as AccountOf<M[Name]> | undefined;
    },
    async findAccountByEmail<Name extends keyof M & string>(name: Name, email: string) {
      const { runtime: opened, model } = await runtime(name);
      const read = normaliseEmail(email);
      const record = read.ok
        ? await opened.services.store.accounts.findByEmail(model, read.email)
        : undefined;
      return record?.account as AccountOf<M[Name]> | undefined;
    },
    async validToken(name, account, token, client) {
      const { runtime: opened, model } = await runtime(name);
      const record = await find(opened, model, account);
      return record !== undefined && opened.services.sessions.isValid(model, record.account, token, client);
    },
    async createNewAuthToken(name, ref, client) {
      const { runtime: opened, model, account } = await existing(name, ref);
      const { sessions } = opened.services;
      if (client === undefined) return headers(opened, await sessions.create(model, account, noDevice));
      if (!isClientId(client))
        throw new TypeError(
          '"client" has to be 1 to 64 letters, digits and any of . _ ~ -, and more than dots',
        );
      const renewed = await sessions.renew(model, account, client);
      const opening = renewed ?? sessions.create(model, account, noDevice, { client });
      return headers(opened, await Promise.resolve(opening).catch(refuseForeignClient));
    },
    async buildAuthHeaders(name, ref, token, client) {
      const { runtime: opened, model, account } = await existing(name, ref);
      const authentication = await opened.services.sessions.authenticationOf(model, account, token, client);
      if (!authentication)
        throw new TypeError(`The ${name} with the id ${account.id} has no session of that client`);
      return headers(opened, authentication);
    },
    async listSessions(name, account) {
      const { runtime: opened, model } = await runtime(name);
      const id = idOf(account);
      return isAccountId(id) ? opened.services.store.sessions.list(model, id) : [];
    },
    async endSessions(name, account, client) {
      const { runtime: opened, model } = await runtime(name);
      const { sessions } = opened.services.store;
      if (!isAccountId(idOf(account))) return 0;
      const ended =
        client === undefined
          ? await sessions.endAll(model, idOf(account))
          : Number(await sessions.end(model, idOf(account), client));
      if (ended > 0)
        opened.services.emit("session.ended", {
          model: name,
          accountId: idOf(account),
          ...(client === undefined ? {} : { client }),
        });
      return ended;
    },
    async endAllSessions(name) {
      const { runtime: opened, model } = await runtime(name);
      const ended = await opened.services.store.sessions.endModel(model);
      opened.services.emit("session.ended", { model: name, reason: "all sessions of the model" });
      return ended;
    },
    async deleteAccount(name, account) {
      const { runtime: opened, model } = await runtime(name);
      const record = await find(opened, model, account);
      if (!record) throw new AuthError("account_not_found");
      await deleteAccount(opened.services, model, record.account);
    },
  };
}

function idOf(account: AccountRef): string {
  return String(typeof account === "object" ? account.id : account);
}

// Whole numbers of 64 bits. A database makes of "1 or so" an error, or the account 1.
function isAccountId(id: string): boolean {
  return /^(?:0|-?[1-9]\d{0,17})$/.test(id);
}

function refuseForeignClient(error: unknown): never {
  if (error instanceof UniqueViolation)
    throw new TypeError('"client" is the name of a session of another account', { cause: error });
  throw error;
}
