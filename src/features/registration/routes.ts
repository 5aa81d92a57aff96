import { z } from "zod";
import { normaliseEmail } from "../../accounts/email-address.js";
import type { Model } from "../../accounts/models.js";
import { castField } from "../../accounts/validation.js";
import { AuthError } from "../../errors.js";
import { tellOfAttempt } from "../attempt-notice.js";
import { type Call, ok } from "../call.js";
import type { Route } from "../feature.js";
import { invitationInput, invitationOf } from "../invitation.js";
import { configName, email, fieldSchemas, password, statusSuccess, url, userSchema } from "../schemas.js";
import { found, type RegistrationAttempt, runSteps } from "../steps.js";

const register: Route = {
  method: "POST",
  path: "/",
  name: "register",
  summary: "Register an account",
  query: true,
  isFor: (model) => model.databaseAuthenticatable,
  access: "anyone",
  input: (model) =>
    z.object({
      email,
      password,
      password_confirmation: password.optional(),
      confirm_success_url: url.optional(),
      config_name: configName,
      ...invitationInput(model),
      ...fieldSchemas(model.fields.filter(({ onSignUp }) => onSignUp)),
    }),
  limit: "registration",
  output: (model) => statusSuccess({ data: userSchema(model) }),
  errors: [
    "sign_up_empty",
    "confirm_success_url_missing",
    "redirect_refused",
    "invalid",
    "registration_disabled",
    "invitation_required",
    "invitation_invalid",
    "mail_unavailable",
  ],
  async action(call) {
    const { services, model, params, caller } = call;
    refuseEmpty(call);
    const attempt: RegistrationAttempt = {
      services,
      model,
      caller,
      signUp: {
        email: call.text("email"),
        password: call.text("password"),
        passwordConfirmation: call.text("password_confirmation"),
        values: Object.fromEntries(params),
        params: call.permitted(),
        confirmSuccessUrl: confirmSuccessUrl(call),
        config: call.configName(),
        invitation: invitationOf(call),
      },
      origin: { via: "form", provider: null },
      // Whoever has nothing to confirm is signed in at once, so there it shows in any case. Whoever is invited is no stranger.
      hidesTaken: services.settings.paranoid && model.confirmable && model.registration !== "invitation",
    };
    await runSteps(call.steps.registrationChecks, attempt);
    if (attempt.hidesTaken && !attempt.skipsConfirmation) {
      services.afterResponse(() => registerOrTell(call, attempt));
      const data = await services.hooks.answer(model, unsavedAccount(call), call.action);
      return ok({ status: "success", data });
    }
    await runSteps(call.steps.registration, attempt);
    call.credentials = attempt.authentication;
    const { account } = found(attempt, "record");
    call.account = account;
    return ok({ status: "success", data: await services.hooks.answer(model, account, call.action) });
  },
  // devise_token_auth shows what was sent; for a failed validation it leaves `success` out.
  async errorBody(call, { code, status }) {
    if (status !== 422) return { success: false };
    if (code === "sign_up_empty") return { success: false, status: "error" };
    const data = await call.services.hooks.answer(call.model, unsavedAccount(call), call.action);
    return code === "invalid" ? { status: "error", data } : { success: false, status: "error", data };
  },
};

export const registrationRoutes: readonly Route[] = [register];

// Nobody is told of a failure but the owner of a taken address. What else the database refuses is the logger's to know.
async function registerOrTell({ services, model, steps }: Call, attempt: RegistrationAttempt): Promise<void> {
  try {
    await runSteps(steps.registration, attempt);
  } catch (error) {
    const isTaken = error instanceof AuthError && error.problems.get("email")?.[0]?.code === "taken";
    if (!isTaken) throw error;
    const { email } = found(attempt, "checked");
    const record = await services.store.accounts.findByEmail(model, email);
    if (record) await tellOfAttempt(services, model, record.account, email);
  }
}

function refuseEmpty({ model, params }: Call): void {
  if (model.registration === false) throw new AuthError("registration_disabled");
  const permitted = ["email", "password", "password_confirmation", ...signUpFields(model)];
  if (!permitted.some((name) => params.has(name))) throw new AuthError("sign_up_empty");
}

function signUpFields(model: Model): readonly string[] {
  return model.fields.filter(({ onSignUp }) => onSignUp).map(({ name }) => name);
}

function confirmSuccessUrl(call: Call): string | undefined {
  const target = call.redirectTarget("confirm_success_url", call.services.settings.defaultConfirmSuccessUrl);
  if (target === undefined && call.model.confirmable) throw new AuthError("confirm_success_url_missing");
  return target;
}

// What old clients find under "data" when nothing was saved.
function unsavedAccount(call: Call): Record<string, unknown> {
  const { model, params } = call;
  const sent = call.text("email");
  const read = normaliseEmail(sent);
  const address = read.ok ? read.email : (sent ?? "");
  const fields = model.fields.map((field) => {
    const value = field.onSignUp ? castField(field, params.get(field.name) ?? null) : null;
    return [field.name, value ?? null] as const;
  });
  return {
    id: null,
    provider: "email",
    uid: address,
    email: address,
    ...Object.fromEntries(fields),
    created_at: null,
    updated_at: null,
  };
}
