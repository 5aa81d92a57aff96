import type { Account } from "../../accounts/models.js";
import { toValidationErrors, ValidationFailure } from "../../accounts/validation.js";
import { buildRedirect } from "../../config/redirect-allowlist.js";
import type { Authentication } from "../../engine/sessions.js";
import { AuthError } from "../../errors.js";
import { type Action, authenticate, type Call, configName, redirectTarget } from "../../http/call.js";
import { textParam } from "../../http/params.js";
import { json, redirectTo } from "../../http/respond.js";
import { setPassword } from "../account-update/update-account.js";
import {
  isResetUsable,
  type NewPassword,
  openResetSession,
  requestReset,
  resetPassword,
  resetPasswordBySecret,
} from "./reset-password.js";

/** `POST /password`: mails a reset link. */
export const create: Action = async (call) => {
  const target = resetTarget(call);
  const config = configName(call);
  const email = await requestReset(
    call.runtime.services,
    call.model,
    textParam(call.params, "email"),
    target,
    config,
  );
  return json(200, {
    success: true,
    message: `An email has been sent to '${email}' containing instructions for resetting your password.`,
  });
};

/** `GET /password/edit`: where the link of a reset mail leads. */
export const edit: Action = async (call) => {
  const { services, settings } = call.runtime;
  const target = resetTarget(call);
  const secret = textParam(call.params, "reset_password_token") ?? "";
  const config = configName(call, "config") ?? "default";
  if (settings.requireClientPasswordResetToken) {
    const usable = await isResetUsable(services, call.model, secret);
    return redirectTo(
      buildRedirect(target, usable ? { reset_password_token: secret } : { reset_password: "false" }),
    );
  }
  const authentication = await openResetSession(services, call.model, secret, call.caller);
  if (!authentication?.token) return redirectTo(buildRedirect(target, { reset_password: "false" }));
  // Old clients read token, client_id, uid and expiry; somewhat newer ones the names of the headers.
  const { token, session, account, expiry } = authentication;
  return redirectTo(
    buildRedirect(target, {
      "access-token": token,
      client: session.client,
      client_id: session.client,
      config,
      expiry: String(expiry),
      reset_password: "true",
      reset_password_token: secret,
      token,
      uid: account.uid,
    }),
  );
};

/** `PUT /password`: sets the password, for a session, for the session of a reset link, or for its secret. */
export const update: Action = async (call) => {
  const { params } = call;
  const secret = textParam(params, "reset_password_token");
  const authentication = await authenticate(call, { limited: true });
  if (!authentication && secret === undefined) throw new AuthError("password_unauthorized");
  if (authentication && authentication.account.provider !== "email")
    throw new AuthError("password_not_required", { subject: authentication.account.provider });
  const next = {
    password: textParam(params, "password"),
    confirmation: textParam(params, "password_confirmation"),
  };
  if (next.password === undefined || next.confirmation === undefined) throw new AuthError("password_missing");
  try {
    const account = await setNewPassword(call, authentication, secret, next);
    return json(200, {
      success: true,
      data: await call.runtime.services.hooks.answer(call.model, account),
      message: "Your password has been successfully updated.",
    });
  } catch (error) {
    if (!(error instanceof ValidationFailure)) throw error;
    return json(422, { success: false, errors: toValidationErrors(error.problems) });
  }
};

async function setNewPassword(
  call: Call,
  authentication: Authentication | undefined,
  secret: string | undefined,
  next: NewPassword,
): Promise<Account> {
  const { services } = call.runtime;
  const limitedTo = authentication?.session.limitedTo ?? null;
  if (authentication && limitedTo !== null) {
    const account = await resetPassword(services, call.model, limitedTo, next, authentication.session.client);
    // The session is an ordinary one now. Its token stood in a URL, so it gets another, which does not follow from that one.
    call.authentication = await services.sessions.renew(call.model, account, authentication.session.client);
    if (call.authentication)
      await services.hooks.afterSignIn(call.model, account, authentication.session.client);
    return account;
  }
  if (authentication && secret === undefined)
    return setPassword(services, authentication, next, call.params.get("current_password"));
  call.authentication = await resetPasswordBySecret(services, call.model, secret ?? "", next, call.caller);
  return call.authentication.account;
}

function resetTarget(call: Call): string {
  const target = redirectTarget(call, "redirect_url", call.runtime.services.settings.defaultPasswordResetUrl);
  if (target === undefined) throw new AuthError("redirect_missing");
  return target;
}
