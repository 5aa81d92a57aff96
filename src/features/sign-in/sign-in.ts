import { normaliseEmail } from "../../accounts/email-address.js";
import type { Account, Model } from "../../accounts/models.js";
import type { Authentication, CreateSessionOptions } from "../../engine/sessions.js";
import { AuthError } from "../../errors.js";
import { accountIds } from "../../events.js";
import type { Caller, Services } from "../services.js";

/**
 * Signs in with an e-mail address and a password; opens a new session. Throws AuthError `invalid_credentials` for anything wrong,
 * in the same time whether or not there is such an account, and `unconfirmed` only to whoever knows the password.
 */
export async function signIn(
  services: Services,
  model: Model,
  email: unknown,
  password: unknown,
  caller: Caller,
): Promise<Authentication> {
  const { store, hasher, emit } = services;
  const read = normaliseEmail(email);
  const record = read.ok ? await store.accounts.findByEmail(model, read.email) : undefined;
  const { valid, rehash } = await hasher.verify(
    record?.passwordHash,
    typeof password === "string" ? password : "",
  );
  const from = caller.address === null ? {} : { address: caller.address };
  if (!record || !valid || typeof password !== "string") {
    emit("sign_in.failed", {
      ...(record ? accountIds(model, record.account) : { model: model.name }),
      ...from,
    });
    throw new AuthError("invalid_credentials");
  }
  const { account } = record;
  if (model.confirmable && record.confirmedAt === null) {
    emit("sign_in.failed", { ...accountIds(model, account), ...from, reason: "unconfirmed" });
    throw new AuthError("unconfirmed", { subject: account.email ?? "" });
  }
  let passwordHash = record.passwordHash;
  if (rehash && passwordHash !== null) {
    const better = await hasher.hash(password);
    await store.accounts.rehash(model, String(account.id), passwordHash, better);
    passwordHash = better;
  }
  emit("sign_in.succeeded", { ...accountIds(model, account), ...from });
  // If the password was changed meanwhile, what was verified is worth nothing any more.
  return openSession(services, model, account, caller, passwordHash === null ? {} : { passwordHash });
}

/** Opens a session for an account that has just proved itself. */
export async function openSession(
  services: Services,
  model: Model,
  account: Account,
  caller: Caller,
  options: CreateSessionOptions = {},
): Promise<Authentication> {
  const authentication = await services.sessions.create(model, account, { ...caller, label: null }, options);
  await services.hooks.afterSignIn(model, account, authentication.session.client);
  return authentication;
}
