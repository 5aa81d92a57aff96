import type { Account, Model } from "../../accounts/models.js";
import {
  type Checks,
  checkEmail,
  checkFields,
  checkNewPassword,
  startChecks,
} from "../../accounts/validation.js";
import type { Authentication } from "../../engine/authentication.js";
import { checkNamesAreFree } from "../account-names.js";
import type { Call } from "../call.js";
import { checkCurrentPassword } from "../current-password.js";
import { passwordChange, renewalFor } from "../new-password.js";
import type { Services } from "../services.js";
import { type CheckedChange, changeAccount, ownerOf } from "./change-account.js";

/** What an account update says; `undefined`: not sent. */
export interface AccountUpdate {
  readonly email: string | undefined;
  readonly password: string | undefined;
  readonly passwordConfirmation: string | undefined;
  readonly currentPassword: string | undefined;
  readonly values: Readonly<Record<string, unknown>>;
  /** Where the link of a mail about a new address leads; checked already. */
  readonly redirectUrl: string | undefined;
  readonly config: string | undefined;
}

/** What of an update has passed the checks. */
interface CheckedUpdate {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly newEmail: string | undefined;
  readonly newPassword: string | undefined;
  /** The hash that the account had when its current password was checked. */
  readonly passwordHash: string | null;
}

/**
 * Changes the account of a session: all changes or none. A new address of a reconfirmable model takes effect when its owner visits
 * the link. Throws AuthError `invalid` with everything that is wrong, and `user_not_found` when the session has ended meanwhile.
 */
export async function updateAccount(
  call: Call,
  authentication: Authentication,
  update: AccountUpdate,
): Promise<Account> {
  const { model, account, session } = authentication;
  const { services } = call;
  const checked = await checkUpdate(services, authentication, update);
  const { newEmail, newPassword } = checked;
  const renewal = newPassword === undefined ? undefined : renewalFor(services);
  const password =
    newPassword === undefined
      ? undefined
      : await passwordChange(services, model, newPassword, { client: session.client, renewal });
  const change: CheckedChange = {
    fields: checked.fields,
    params: call.permitted(),
    newEmail,
    password,
    isProvedByLink: model.reconfirmable,
    hidesTaken: mustHideTaken(services, model),
    // Whoever states the address that the account has does not want another one.
    cancelsEmailChange: newEmail === undefined && update.email !== undefined,
    by: session.client,
    ifPasswordHash: password || newEmail !== undefined ? checked.passwordHash : undefined,
    redirectUrl: update.redirectUrl,
    config: update.config,
  };
  return changeAccount(services, model, account, change, async () => {
    if (renewal) call.credentials = await renewal.finish(model, session.client);
  });
}

/** Checks a new address; `undefined`: it is the one that the account has. `hidesTaken`: that another account has it is not said. */
export async function checkNewEmail(
  services: Services,
  model: Model,
  account: Account,
  given: unknown,
  checks: Checks,
  hidesTaken = false,
): Promise<string | undefined> {
  const email = checkEmail(given, checks);
  if (email === account.email) return undefined;
  if (email !== undefined && !hidesTaken && (await ownerOf(services, model, account, email)))
    checks.add("email", { code: "taken" });
  return email;
}

/** Whether a change of address is answered alike for one that is taken. Where no link has to prove it, the account would tell. */
function mustHideTaken({ settings }: Services, { reconfirmable }: Model): boolean {
  return settings.paranoid && reconfirmable;
}

async function checkUpdate(
  services: Services,
  { model, account }: Authentication,
  update: AccountUpdate,
): Promise<CheckedUpdate> {
  const { settings } = services;
  const checks = startChecks();
  const fields = checkFields(model, update.values, "account_update", checks);
  await checkNamesAreFree(services, model, fields, account.id, checks);
  const newEmail =
    update.email === undefined
      ? undefined
      : await checkNewEmail(services, model, account, update.email, checks, mustHideTaken(services, model));
  const changesPassword = update.password !== undefined || update.passwordConfirmation !== undefined;
  const newPassword = changesPassword
    ? checkNewPassword(update.password, update.passwordConfirmation, settings, account.email, checks)
    : undefined;
  const when = settings.checkCurrentPasswordBeforeUpdate;
  const isRequired =
    when === "attributes" || (when === "password" && (changesPassword || newEmail !== undefined));
  const passwordHash = await checkCurrentPassword(
    services,
    model,
    account,
    update.currentPassword,
    isRequired,
    checks,
  );
  checks.done({});
  return { fields, newEmail, newPassword, passwordHash };
}
