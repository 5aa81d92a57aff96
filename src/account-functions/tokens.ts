import type { ModelsConfig } from "../accounts/models.js";
import { UniqueViolation } from "../database/database-error.js";
import type { Authentication } from "../engine/authentication.js";
import { isClientId } from "../engine/token.js";
import { providerToken } from "../features/omniauthable/provider-token.js";
import { credentialFields } from "../http/credentials.js";
import type { Runtime } from "../http/runtime.js";
import { needText } from "./arguments.js";
import { type AccountRef, findAccount, idOf, type OpenRuntime, openModel } from "./find.js";

/** What the app's own code can do with tokens: the gem's methods of a model, and those of providers. */
export interface TokenFunctions<M extends ModelsConfig> {
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
  /**
   * A provider's access token for an account, renewed if it is about to expire: for requests on its owner's behalf. `undefined`: the account
   * has no identity there, or the provider is not one with `keepTokens`. Throws AuthError `provider_error` when the provider does not renew
   * it any more, and `provider_unavailable`.
   */
  providerToken(model: keyof M & string, account: AccountRef, provider: string): Promise<string | undefined>;
}

const noDevice = { userAgent: null, address: null, label: null };

/** Every function throws a TypeError for a model or an id that cannot be one. */
export function createTokenFunctions<M extends ModelsConfig>(open: OpenRuntime): TokenFunctions<M> {
  const existing = async (name: string, ref: AccountRef) => {
    const runtime = await openModel(open, name);
    const account = await findAccount(runtime.services, runtime.model, ref);
    if (!account) throw new TypeError(`There is no ${name} with the id ${idOf(ref)}`);
    return { ...runtime, account };
  };
  const headers = ({ settings }: Runtime, authentication: Authentication): Record<string, string> =>
    credentialFields(authentication, settings.headersNames);

  return {
    async validToken(name, ref, token, client) {
      const { services, model } = await openModel(open, name);
      const account = await findAccount(services, model, ref);
      if (typeof token !== "string" || typeof client !== "string") return false;
      return account !== undefined && services.sessions.isValid(model, account, token, client);
    },
    async createNewAuthToken(name, ref, client) {
      const runtime = await existing(name, ref);
      const { model, account } = runtime;
      const { sessions } = runtime.services;
      if (client === undefined) return headers(runtime, await sessions.create(model, account, noDevice));
      // A shape would take null for the text "null".
      if (typeof client !== "string" || !isClientId(client))
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
      needText("token", token);
      needText("client", client);
      const authentication = await services.sessions.authenticationOf(model, account, token, client);
      if (!authentication)
        throw new TypeError(`The ${name} with the id ${account.id} has no session of that client`);
      return headers(runtime, authentication);
    },
    async providerToken(name, ref, provider) {
      const { services, model } = await openModel(open, name);
      needText("provider", provider);
      const account = await findAccount(services, model, ref);
      return account && providerToken(services, model, String(account.id), provider);
    },
  };
}

function refuseForeignClient(error: unknown): never {
  if (error instanceof UniqueViolation)
    throw new TypeError('"client" is the name of a session of another account', { cause: error });
  throw error;
}
