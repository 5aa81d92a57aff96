import { z } from "zod";
import type { Model } from "../../accounts/models.js";
import type { Authentication } from "../../engine/authentication.js";
import { AuthError } from "../../errors.js";
import { type Call, ok, type Reply } from "../call.js";
import { deleteAccount } from "../delete-account.js";
import type { Route } from "../feature.js";
import { redeemBySession } from "../reset-link.js";
import { configName, email, fieldSchemas, password, statusSuccess, url, userSchema } from "../schemas.js";
import { updateAccount } from "./update-account.js";

const changeAccount = {
  name: "updateAccount",
  path: "/",
  summary: "Change the account",
  access: "session",
  unauthenticated: "user_not_found",
  limited: true,
  input: (model) =>
    z
      .object({
        email,
        password,
        password_confirmation: password,
        current_password: password,
        redirect_url: url,
        config_name: configName,
        ...fieldSchemas(model.fields.filter(({ onAccountUpdate }) => onAccountUpdate)),
      })
      .partial(),
  output: (model) => statusSuccess({ data: userSchema(model) }),
  errors: ["update_empty", "invalid", "redirect_refused", "mail_unavailable"],
  async action(call: Call, authentication: Authentication): Promise<Reply> {
    const { services, model, params } = call;
    const named = permitted(model).filter((name) => params.has(name));
    const { limitedTo } = authentication.session;
    if (limitedTo !== null) return setPasswordOnly(call, authentication, limitedTo, named);
    if (named.length === 0) throw new AuthError("update_empty");
    const account = await updateAccount(call, authentication, {
      email: call.text("email"),
      password: call.text("password"),
      passwordConfirmation: call.text("password_confirmation"),
      currentPassword: call.text("current_password"),
      values: Object.fromEntries(params),
      redirectUrl: call.redirectTarget("redirect_url", undefined),
      config: call.configName(),
    });
    // From now on the account's own address is its uid.
    call.credentials = call.credentials && { ...call.credentials, account };
    return ok({ status: "success", data: await services.hooks.answer(model, account, call.action) });
  },
  // devise_token_auth leaves `success` out of a failed validation, and says `status` too of an update without anything in it.
  async errorBody(_call: Call, { code }: AuthError) {
    if (code === "invalid") return { status: "error" };
    return ["update_empty", "user_not_found"].includes(code)
      ? { success: false, status: "error" }
      : { success: false };
  },
} satisfies Partial<Route>;

const deleteOwnAccount: Route = {
  method: "DELETE",
  path: "/",
  name: "deleteAccount",
  summary: "Delete the account",
  access: "session",
  unauthenticated: "account_not_found",
  output: () => statusSuccess({ message: z.string() }),
  errors: ["account_in_use"],
  async action(call, { account, session }) {
    await deleteAccount(call.services, call.model, account, session.client);
    call.signOut();
    return ok({ status: "success", message: call.say("account_deleted", { uid: account.uid }) });
  },
  async errorBody(_call, { code }) {
    return code === "account_not_found" ? { success: false, status: "error" } : { success: false };
  },
};

export const accountRoutes: readonly Route[] = [
  { ...changeAccount, method: "PUT" },
  { ...changeAccount, method: "PATCH", operationId: "updateAccountWithPatch" },
  deleteOwnAccount,
];

function permitted(model: Model): readonly string[] {
  const fields = model.fields.filter(({ onAccountUpdate }) => onAccountUpdate);
  return ["email", "password", "password_confirmation", ...fields.map(({ name }) => name)];
}

/** What the session of a reset link may change: its password, and nothing beside it. Some old clients send it here. */
async function setPasswordOnly(
  call: Call,
  authentication: Authentication,
  ticketHash: string,
  named: readonly string[],
): Promise<Reply> {
  const isPasswordOnly = named.every((name) => name.startsWith("password"));
  if (!isPasswordOnly || !named.includes("password")) throw new AuthError("user_not_found");
  const next = { password: call.text("password"), confirmation: call.text("password_confirmation") };
  const account = await redeemBySession(call, authentication, ticketHash, next);
  return ok({ status: "success", data: await call.services.hooks.answer(call.model, account, call.action) });
}
