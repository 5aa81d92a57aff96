import { z } from "zod";
import type { Account, Model } from "../../accounts/models.js";
import { buildRedirect } from "../../config/build-redirect.js";
import type { Authentication } from "../../engine/authentication.js";
import { AuthError } from "../../errors.js";
import { type Call, ok, type Reply } from "../call.js";
import type { Route } from "../feature.js";
import type { NewPassword } from "../new-password.js";
import { redeemBySession, refuseWithoutPassword } from "../reset-link.js";
import { configName, email, password, success, url, userSchema } from "../schemas.js";
import { isResetUsable, openResetSession, requestReset, resetPasswordBySecret } from "./reset-password.js";
import { setPassword } from "./set-password.js";

// An account without a password has none to reset.
const isFor = (model: Model): boolean => model.databaseAuthenticatable;

const request: Route = {
  method: "POST",
  path: "/password",
  name: "requestPasswordReset",
  limit: "mail",
  summary: "Mail a link to set a new password",
  isFor,
  access: "anyone",
  input: () => z.object({ email, redirect_url: url.optional(), config_name: configName }),
  output: () => success({ message: z.string() }),
  errors: ["email_missing", "email_unknown", "redirect_missing", "redirect_refused", "mail_unavailable"],
  async action(call) {
    const target = resetTarget(call);
    const { services, model } = call;
    const address = await requestReset(services, model, call.text("email"), target, call.configName());
    return ok({ success: true, message: call.say("reset_sent", { email: address }) });
  },
};

const followLink: Route = {
  method: "GET",
  path: "/password/edit",
  name: "followResetLink",
  isLink: true,
  limit: "link",
  summary: "Follow a reset link: the link of a mail",
  isFor,
  access: "anyone",
  input: () =>
    z.object({ reset_password_token: z.string(), redirect_url: url.optional(), config: configName }),
  output: "redirect",
  errors: ["redirect_missing", "redirect_refused"],
  async action(call) {
    const { services, model } = call;
    const target = resetTarget(call);
    const secret = call.text("reset_password_token") ?? "";
    const unusable: Reply = { redirect: buildRedirect(target, { reset_password: "false" }) };
    if (services.settings.requireClientPasswordResetToken) {
      if (!(await isResetUsable(services, model, secret))) return unusable;
      return { redirect: buildRedirect(target, { reset_password_token: secret }) };
    }
    const opened = await openResetSession(services, model, secret, call.caller);
    if (!opened?.token) return unusable;
    call.account = opened.account;
    // Old clients read token, client_id, uid and expiry; somewhat newer ones the names of the headers.
    return {
      redirect: buildRedirect(target, {
        "access-token": opened.token,
        client: opened.session.client,
        client_id: opened.session.client,
        config: call.configName("config") ?? "default",
        expiry: String(opened.expiry),
        reset_password: "true",
        reset_password_token: secret,
        token: opened.token,
        uid: opened.account.uid,
      }),
    };
  },
};

const setNewPassword = {
  name: "setPassword",
  path: "/password",
  summary: "Set a new password",
  isFor,
  access: "session or link",
  input: () =>
    z.object({
      password,
      password_confirmation: password,
      current_password: password.optional(),
      reset_password_token: z.string().optional(),
    }),
  output: (model) => success({ data: userSchema(model), message: z.string() }),
  errors: ["password_unauthorized", "password_not_required", "password_missing", "invalid"],
  async action(call: Call): Promise<Reply> {
    const secret = call.text("reset_password_token");
    if (secret !== undefined) await call.services.limits.request("link", call.model, call.caller);
    const authentication = await call.authenticate({ limited: true });
    if (!authentication && secret === undefined) throw new AuthError("password_unauthorized");
    const isByLink = secret !== undefined || authentication?.session.limitedTo !== null;
    if (authentication && !isByLink) refuseWithoutPassword(authentication.account);
    const next = { password: call.text("password"), confirmation: call.text("password_confirmation") };
    if (next.password === undefined || next.confirmation === undefined)
      throw new AuthError("password_missing");
    const account = await changePassword(call, authentication, secret, next);
    const data = await call.services.hooks.answer(call.model, account, call.action);
    return ok({ success: true, data, message: call.say("password_updated", {}) });
  },
} satisfies Partial<Route>;

export const passwordRoutes: readonly Route[] = [
  request,
  followLink,
  { ...setNewPassword, method: "PUT" },
  { ...setNewPassword, method: "PATCH", operationId: "setPasswordWithPatch" },
];

async function changePassword(
  call: Call,
  authentication: Authentication | undefined,
  secret: string | undefined,
  next: NewPassword,
): Promise<Account> {
  const { services, model } = call;
  if (authentication && authentication.session.limitedTo !== null)
    return redeemBySession(call, authentication, authentication.session.limitedTo, next);
  if (authentication && secret === undefined)
    return setPassword(call, authentication, next, call.text("current_password"));
  call.credentials = await resetPasswordBySecret(services, model, secret ?? "", next, call.caller);
  return call.credentials.account;
}

function resetTarget(call: Call): string {
  const target = call.redirectTarget("redirect_url", call.services.settings.defaultPasswordResetUrl);
  if (target === undefined) throw new AuthError("redirect_missing");
  return target;
}
