import { normaliseEmail } from "../../accounts/email-address.js";
import type { Model } from "../../accounts/models.js";
import { readField, toValidationErrors, ValidationFailure } from "../../accounts/validation.js";
import { AuthError } from "../../errors.js";
import { type Action, authenticate, configName, redirectTarget, signOut } from "../../http/call.js";
import { type Params, textParam } from "../../http/params.js";
import { errorResponse, json } from "../../http/respond.js";
import { deleteAccount, updateAccount } from "../account-update/update-account.js";
import { openSession } from "../sign-in/sign-in.js";
import { register } from "./register.js";

/** `POST /`: registers an account. */
export const create: Action = async (call) => {
  const { model, params, runtime } = call;
  const { services } = runtime;
  if (!model.registration) throw new AuthError("registration_disabled");
  const permitted = [
    "email",
    "password",
    "password_confirmation",
    ...model.fields.filter((field) => field.onSignUp).map(({ name }) => name),
  ];
  if (!permitted.some((name) => params.has(name)))
    return errorResponse(new AuthError("sign_up_empty"), { status: "error" });
  try {
    const confirmSuccessUrl = redirectTarget(
      call,
      "confirm_success_url",
      services.settings.defaultConfirmSuccessUrl,
    );
    if (confirmSuccessUrl === undefined && model.confirmable)
      throw new AuthError("confirm_success_url_missing");
    const account = await register(
      services,
      model,
      {
        email: params.get("email"),
        password: params.get("password"),
        passwordConfirmation: params.get("password_confirmation"),
        values: Object.fromEntries(params),
        confirmSuccessUrl,
        config: configName(call),
      },
      call.caller,
    );
    if (!model.confirmable) call.authentication = await openSession(services, model, account, call.caller);
    return json(200, { status: "success", data: await services.hooks.answer(model, account) });
  } catch (error) {
    const isInvalid = error instanceof ValidationFailure;
    if (!isInvalid && !(error instanceof AuthError && error.status === 422)) throw error;
    const data = await services.hooks.answer(model, unsavedAccount(model, params));
    return isInvalid
      ? json(422, { status: "error", data, errors: toValidationErrors(error.problems) })
      : errorResponse(error, { status: "error", data });
  }
};

/** `PUT /`: changes the account. */
export const update: Action = async (call) => {
  const { model, params, runtime } = call;
  const authentication = await authenticate(call);
  if (!authentication) return errorResponse(new AuthError("user_not_found"), { status: "error" });
  const permitted = [
    "email",
    "password",
    "password_confirmation",
    ...model.fields.filter((field) => field.onAccountUpdate).map(({ name }) => name),
  ];
  if (!permitted.some((name) => params.has(name)))
    return errorResponse(new AuthError("update_empty"), { status: "error" });
  try {
    const account = await updateAccount(runtime.services, authentication, {
      email: params.get("email"),
      password: params.get("password"),
      passwordConfirmation: params.get("password_confirmation"),
      currentPassword: params.get("current_password"),
      values: Object.fromEntries(params),
      redirectUrl: redirectTarget(call, "redirect_url", undefined),
      config: configName(call),
    });
    call.authentication = { ...authentication, account };
    return json(200, { status: "success", data: await runtime.services.hooks.answer(model, account) });
  } catch (error) {
    if (!(error instanceof ValidationFailure)) throw error;
    return json(422, { status: "error", errors: toValidationErrors(error.problems) });
  }
};

/** `DELETE /`: deletes the account. */
export const destroy: Action = async (call) => {
  const authentication = await authenticate(call);
  if (!authentication) return errorResponse(new AuthError("account_not_found"), { status: "error" });
  await deleteAccount(call.runtime.services, call.model, authentication.account);
  signOut(call);
  return json(200, {
    status: "success",
    message: `Account with UID '${authentication.account.uid}' has been destroyed.`,
  });
};

// What old clients find under "data" when nothing was saved.
function unsavedAccount(model: Model, params: Params): Record<string, unknown> {
  const read = normaliseEmail(params.get("email"));
  const email = read.ok ? read.email : (textParam(params, "email") ?? "");
  const fields = model.fields.map((field) => {
    const value = field.onSignUp ? readField(field, params.get(field.name)) : undefined;
    return [field.name, value ?? null] as const;
  });
  return {
    id: null,
    provider: "email",
    uid: email,
    email,
    ...Object.fromEntries(fields),
    created_at: null,
    updated_at: null,
  };
}
