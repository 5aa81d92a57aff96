import type { Account, AccountOf, Model, ModelsConfig } from "../accounts/models.js";
import { checkFields, startChecks } from "../accounts/validation.js";
import { AuthError } from "../errors.js";
import { type Actor, accountIds, emitBy } from "../events.js";
import { checkNamesAreFree } from "../features/account-names.js";
import { changeAccount } from "../features/account-update/change-account.js";
import { checkNewEmail } from "../features/account-update/update-account.js";
import { deleteAccount } from "../features/delete-account.js";
import { noLimits } from "../features/limits.js";
import { linkUrl } from "../features/link-mail.js";
import { noMailTotal } from "../features/mail-total.js";
import { replacePassword } from "../features/recoverable/set-password.js";
import { refuseWithoutPassword } from "../features/reset-link.js";
import { issueResetLink, mailResetLink } from "../features/reset-mail.js";
import type { Services } from "../features/services.js";
import { found, type RegistrationAttempt, runSteps } from "../features/steps.js";
import type { Accounts, ByOptions, CreateOptions, LinkOptions } from "./accounts.js";
import { checkBoolean, checkText, needObject } from "./arguments.js";
import { type AccountRef, findAccount, needAccount, type OpenRuntime, openModel } from "./find.js";
import { fieldsOf, targetOf } from "./given.js";
import { createInvitationFunctions } from "./invitations.js";
import { createReading } from "./reading.js";

const nobody = { address: null, userAgent: null };
/** No request, so no parameters. */
const noParams = {};

/** `maker`: who makes the changes. Every function throws a TypeError for a model or an id that cannot be one. */
export function createAccounts<M extends ModelsConfig>(
  open: OpenRuntime,
  maker: { readonly kind: "code" | "cli"; readonly name?: string },
): Accounts<M> {
  /** The parts as the maker's changes use them: without limits, and with events that name the maker. */
  const opened = async (name: string, options: ByOptions = {}) => {
    const runtime = await openModel(open, name);
    checkOptions(options);
    const { actor } = options;
    const by: Actor = actor === undefined ? maker : { ...maker, name: actor };
    const services: Services = {
      ...runtime.services,
      limits: noLimits,
      mailTotal: noMailTotal,
      mail: (kind, of, account, contents) =>
        runtime.services.mail(kind, of, account, { ...contents, isByApp: true }),
      emit: emitBy(runtime.services.emit, by),
    };
    return { ...runtime, services };
  };
  const existing = async (name: string, ref: AccountRef, options?: ByOptions) => {
    const parts = await opened(name, options);
    return { ...parts, account: await needAccount(parts.services, parts.model, ref) };
  };
  /** An account of a model that keeps a state which can be changed. */
  const stateful = async (
    name: string,
    ref: AccountRef,
    feature: "disableable" | "lockable",
    options?: ByOptions,
  ) => {
    const { model } = await opened(name);
    if (!model[feature]) throw new TypeError(`models.${name} needs ${feature}: true for this`);
    return existing(name, ref, options);
  };
  const linkable = async (name: string, ref: AccountRef, options: LinkOptions = {}) => {
    const parts = await existing(name, ref, options);
    needPasswords(parts.model);
    // A password is worth nothing without the address that it is used with.
    if (parts.account.email === null) refuseWithoutPassword(parts.account);
    const record = await parts.services.store.accounts.find(parts.model, String(parts.account.id));
    if (record && record.disabledAt !== null) throw new AuthError("disabled");
    const redirectUrl = targetOf(parts, options, parts.settings.defaultPasswordResetUrl);
    if (redirectUrl === undefined) throw new AuthError("redirect_missing");
    return { ...parts, redirectUrl };
  };

  return {
    ...createReading<M>(open),
    ...createInvitationFunctions<M>(opened),
    async create<Name extends keyof M & string>(
      name: Name,
      given: Parameters<Accounts<M>["create"]>[1],
      options: Parameters<Accounts<M>["create"]>[2] = {},
    ) {
      const runtime = await opened(name, options);
      const { services, model, steps, settings } = runtime;
      needObject("values", given);
      const { email, password, ...values } = given;
      if (password !== undefined) needPasswords(model);
      const { confirmed = false, mail = password !== undefined } = options;
      const attempt: RegistrationAttempt = {
        services,
        model,
        caller: nobody,
        origin: { via: maker.kind, provider: null },
        signUp: {
          email,
          password,
          passwordConfirmation: undefined,
          values: fieldsOf(model, values),
          params: noParams,
          confirmSuccessUrl: targetOf(runtime, options, settings.defaultConfirmSuccessUrl),
          config: undefined,
        },
        ...(confirmed ? { confirmation: "done" } : mail ? {} : { confirmation: "later" }),
      };
      await runSteps(steps.appRegistration, attempt);
      return found(attempt, "record").account as AccountOf<M[Name]>;
    },
    async update<Name extends keyof M & string>(
      name: Name,
      ref: AccountRef,
      given: Parameters<Accounts<M>["update"]>[2],
      options: Parameters<Accounts<M>["update"]>[3] = {},
    ) {
      const runtime = await existing(name, ref, options);
      const { services, model, account, settings } = runtime;
      needObject("values", given);
      const { email, ...values } = given;
      const checks = startChecks();
      const fields = checkFields(model, fieldsOf(model, values), "account_update", checks, "app");
      await checkNamesAreFree(services, model, fields, account.id, checks);
      const newEmail =
        email === undefined ? undefined : await checkNewEmail(services, model, account, email, checks);
      checks.done({});
      const changed = await changeAccount(services, model, account, {
        fields,
        params: noParams,
        newEmail,
        isProvedByLink: model.reconfirmable && options.confirmed !== true,
        // An address that waits must not take the place of the one that was set here.
        cancelsEmailChange: email !== undefined,
        by: undefined,
        redirectUrl: targetOf(runtime, options, settings.defaultConfirmSuccessUrl),
        config: undefined,
      });
      return changed as AccountOf<M[Name]>;
    },
    async setPassword(name, ref, password, options) {
      const { services, model, account } = await existing(name, ref, options);
      needPasswords(model);
      refuseWithoutPassword(account);
      await replacePassword(services, model, account, password);
    },
    async mailPasswordLink(name, ref, options) {
      const { services, model, account, redirectUrl } = await linkable(name, ref, options);
      await mailResetLink(services, model, account, redirectUrl);
    },
    async createPasswordLink(name, ref, options) {
      const { services, model, account, redirectUrl, settings } = await linkable(name, ref, options);
      const { link } = await issueResetLink(services, model, account, redirectUrl);
      return linkUrl(settings.baseUrl, model, link);
    },
    async confirm(name, ref, options) {
      const { services, model, account } = await existing(name, ref, options);
      if (await services.store.accounts.confirm(model, String(account.id)))
        services.emit("account.confirmed", accountIds(model, account));
    },
    async disable(name, ref, options) {
      const { services, model, account } = await stateful(name, ref, "disableable", options);
      if (await services.store.accounts.disable(model, String(account.id)))
        services.emit("account.disabled", accountIds(model, account));
    },
    async enable(name, ref, options) {
      const { services, model, account } = await stateful(name, ref, "disableable", options);
      if (await services.store.accounts.enable(model, String(account.id)))
        services.emit("account.enabled", accountIds(model, account));
    },
    async unlock(name, ref, options) {
      const { services, model, account } = await stateful(name, ref, "lockable", options);
      await services.store.accounts.forgetFailures(model, String(account.id));
      services.emit("account.unlocked", accountIds(model, account));
    },
    async delete(name, ref, options) {
      const { services, model, account } = await existing(name, ref, options);
      await deleteAccount(services, model, account);
    },
    async endSessions(name, ref, options = {}) {
      const { services, model } = await opened(name, options);
      checkText("client", options.client);
      const account = await findAccount(services, model, ref);
      return account ? endSessions(services, model, account, options.client) : 0;
    },
    async forgetKnownDevices(name, ref, options = {}) {
      const { services, model } = await opened(name, options);
      checkText("id", options.id);
      const account = await findAccount(services, model, ref);
      if (!account) return 0;
      const forgotten = await services.store.devices.forget(model, String(account.id), options.id);
      if (forgotten > 0) services.emit("device.forgotten", accountIds(model, account));
      return forgotten;
    },
    async endAllSessions(name, options) {
      const { services, model } = await opened(name, options);
      const ended = await services.store.sessions.endModel(model);
      if (ended > 0) services.emit("session.ended", { model: name, reason: "all sessions of the model" });
      return ended;
    },
  };
}

async function endSessions(
  { store, emit }: Services,
  model: Model,
  account: Account,
  client: string | undefined,
): Promise<number> {
  const id = String(account.id);
  const ended =
    client === undefined
      ? ((await store.sessions.endAll(model, id)) ?? 0)
      : Number(await store.sessions.revoke(model, id, client));
  const which = client === undefined ? {} : { client };
  if (ended > 0) emit("session.ended", { ...accountIds(model, account), ...which });
  return ended;
}

/** Throws a TypeError. */
function checkOptions(options: ByOptions & CreateOptions): void {
  needObject("options", options);
  checkText("actor", options.actor);
  checkText("redirectUrl", options.redirectUrl);
  checkBoolean("confirmed", options.confirmed);
  checkBoolean("mail", options.mail);
}

function needPasswords({ name, databaseAuthenticatable }: Model): void {
  if (!databaseAuthenticatable)
    throw new TypeError(`The accounts of models.${name} have no passwords (databaseAuthenticatable: false)`);
}
