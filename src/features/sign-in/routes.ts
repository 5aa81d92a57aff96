import { z } from "zod";
import type { Model } from "../../accounts/models.js";
import { withoutTimes } from "../../accounts/user-json.js";
import type { Authentication } from "../../engine/authentication.js";
import { AuthError } from "../../errors.js";
import { accountIds } from "../../events.js";
import { accountName, anyKey, hasFieldKeys } from "../account-names.js";
import { type Call, ok, type Reply } from "../call.js";
import type { Route } from "../feature.js";
import { email, password, success, userSchema } from "../schemas.js";
import { found, runSteps, type SignInAttempt } from "../steps.js";
import { withdraw } from "./withdraw.js";

const signIn: Route = {
  method: "POST",
  path: "/sign_in",
  name: "signIn",
  summary: "Sign in",
  query: true,
  isFor: (model) => model.databaseAuthenticatable,
  access: "anyone",
  input: (model) => z.object({ ...nameSchemas(model), password }),
  output: (model) => z.object({ data: userSchema(model) }),
  errors: ["invalid_credentials", "unconfirmed", "locked", "disabled"],
  async action(call) {
    const { services, model, caller } = call;
    const attempt: SignInAttempt = {
      services,
      model,
      caller,
      name: accountName(model, (name) => call.text(name)),
      password: call.text("password"),
    };
    await runSteps(call.steps.signIn, attempt).catch((error: unknown) => {
      // Behind the response: what it takes depends on whether there is such an account.
      services.afterResponse(() => withdraw(call.steps.signInWithdrawal, attempt));
      throw error;
    });
    call.credentials = found(attempt, "authentication");
    return ok({
      data: await services.hooks.answer(model, withoutTimes(call.credentials.account), call.action),
    });
  },
};

/** One of the model's keys, or `login` with any of them. */
function nameSchemas(model: Model): Record<string, z.ZodType> {
  if (!hasFieldKeys(model)) return { email };
  const keys = model.authenticationKeys.map(
    ({ kind, name }) => [name, (kind === "email" ? email : z.string()).optional()] as const,
  );
  return { ...Object.fromEntries(keys), [anyKey]: z.string().optional() };
}

const signInWithGet: Route = {
  method: "GET",
  path: "/sign_in",
  name: "signInWithGet",
  summary: "Refused: sign in with POST",
  isFor: (model) => model.databaseAuthenticatable,
  access: "anyone",
  output: () => z.object({}),
  errors: ["sign_in_with_get"],
  async action() {
    throw new AuthError("sign_in_with_get");
  },
};

const signOut: Route = {
  method: "DELETE",
  path: "/sign_out",
  name: "signOut",
  summary: "End this session",
  access: "session",
  unauthenticated: "not_signed_in",
  limited: true,
  clearsCookie: true,
  output: () => success(),
  errors: [],
  async action(call, { account, session }) {
    const { store, emit } = call.services;
    await store.sessions.end(call.model, session.accountId, session.client);
    emit("session.ended", { ...accountIds(call.model, account), client: session.client });
    call.signOut();
    return ok({ success: true });
  },
};

const validateToken = {
  name: "validateToken",
  path: "/validate_token",
  summary: "Whom these credentials belong to",
  access: "session",
  unauthenticated: "invalid_token",
  limited: true,
  output: (model) => success({ data: userSchema(model) }),
  errors: [],
  async action(call: Call, { account }: Authentication): Promise<Reply> {
    const { services, model } = call;
    return ok({
      success: true,
      data: await services.hooks.answer(model, withoutTimes(account), call.action),
    });
  },
} satisfies Partial<Route>;

export const signInRoutes: readonly Route[] = [
  signIn,
  signInWithGet,
  signOut,
  { ...validateToken, method: "GET" },
  { ...validateToken, method: "POST", operationId: "validateTokenWithPost" },
];
