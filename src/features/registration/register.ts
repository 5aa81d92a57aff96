import type { Account, Model } from "../../accounts/models.js";
import {
  checkEmail,
  checkFields,
  checkNewPassword,
  messages,
  startChecks,
  validationFailure,
} from "../../accounts/validation.js";
import { accountIds } from "../../events.js";
import { sendConfirmation } from "../confirmable/confirm.js";
import { type Caller, isBreached, type Services } from "../services.js";

/** What a sign-up says. `values` holds the model's own fields, and whatever else was sent, which is ignored. */
export interface SignUp {
  readonly email: unknown;
  readonly password: unknown;
  readonly passwordConfirmation: unknown;
  readonly values: Readonly<Record<string, unknown>>;
  /** Where the confirmation link leads; checked by now. Models without confirmation need none. */
  readonly confirmSuccessUrl: string | undefined;
  readonly config: string | undefined;
}

/**
 * Makes an account, with what the app's hook adds. One of a confirmable model is mailed its link, and there is no account if the
 * mail could not be sent.
 * Throws a ValidationFailure with everything that is wrong, and AuthError `mail_unavailable`.
 */
export async function register(
  services: Services,
  model: Model,
  signUp: SignUp,
  caller: Caller,
): Promise<Account> {
  const { store, settings, hasher } = services;
  const checks = startChecks();
  const email = checkEmail(signUp.email, checks);
  const password = checkNewPassword(signUp.password, signUp.passwordConfirmation, settings, email, checks);
  const fields = checkFields(model, signUp.values, "sign_up", checks);
  if (email !== undefined && (await store.accounts.findByEmail(model, email)))
    checks.add("email", messages.taken);
  const right = checks.done({ email, password });

  if (await isBreached(services, model, right.password))
    throw validationFailure("password", messages.breached);
  const allFields = await services.hooks.beforeRegister(model, right.email, fields);
  const passwordHash = await hasher.hash(right.password);
  const created = await store.accounts.create(model, {
    provider: "email",
    uid: right.email,
    email: right.email,
    passwordHash,
    confirmed: !model.confirmable,
    fields: allFields,
  });
  // Somebody else was faster by a moment.
  if (created === "taken") throw validationFailure("email", messages.taken);
  const { account } = created;
  if (model.confirmable) {
    try {
      await sendConfirmation(services, model, account, signUp.confirmSuccessUrl, signUp.config);
    } catch (error) {
      // Nobody could ever confirm it, and its owner could not register again.
      await store.accounts.delete(model, String(account.id));
      throw error;
    }
  }
  services.emit("account.registered", {
    ...accountIds(model, account),
    ...(caller.address === null ? {} : { address: caller.address }),
  });
  await services.hooks.afterRegister(model, account);
  return account;
}
