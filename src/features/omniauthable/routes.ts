import { z } from "zod";
import type { Model } from "../../accounts/models.js";
import { AuthError, type ErrorCode, errorTable } from "../../errors.js";
import type { Call, RawReply } from "../call.js";
import type { Route } from "../feature.js";
import { invitationInput } from "../invitation.js";
import { configName, fieldSchemas, url } from "../schemas.js";
import { exchangeRoutes } from "./exchange-routes.js";
import { codeOf } from "./failures.js";
import { offers } from "./flow.js";
import { identityRoutes } from "./identity-routes.js";
import { isOffered } from "./offered.js";
import { plainFailure } from "./plain-failure.js";
import { resultReply } from "./result.js";
import { start } from "./start.js";

const startRoute = {
  name: "signInWithProvider",
  path: "/:provider",
  isLink: true,
  isFor: isOffered,
  access: "anyone",
  input: (model: Model) =>
    z.object({
      auth_origin_url: url,
      omniauth_window_type: z.enum(["newWindow", "inAppBrowser", "sameWindow"]).optional(),
      config_name: configName,
      code_challenge: z.string().optional(),
      omniauth_link: z.string().optional(),
      ...invitationInput(model),
      ...fieldSchemas(model.fields.filter(({ onSignUp }) => onSignUp)),
    }),
  output: "redirect",
  errors: ["redirect_missing", "redirect_refused", "code_challenge_missing", "not_found"],
  action: start,
} as const satisfies Partial<Route>;

const failure: Route = {
  method: "GET",
  path: "/:provider/failure",
  name: "showProviderFailure",
  summary: "Tell the client of a failure at the provider",
  isFor: isOffered,
  access: "anyone",
  input: () =>
    z.object({
      message: z.string().optional(),
      auth_origin_url: url.optional(),
      omniauth_window_type: z.string().optional(),
    }),
  output: "redirect",
  errors: ["not_found"],
  async action(call) {
    return failureReply(call);
  },
};

export const omniauthRoutes: readonly Route[] = [
  ...identityRoutes,
  ...exchangeRoutes,
  { ...startRoute, method: "GET", summary: "Sign in with a provider" },
  {
    ...startRoute,
    method: "POST",
    query: true,
    operationId: "signInWithProviderByForm",
    summary: "Sign in with a provider, by a form",
  },
  failure,
];

function failureReply(call: Call): RawReply {
  if (!offers(call.model, call.services.settings, call.path["provider"] ?? ""))
    throw new AuthError("not_found");
  const error: ErrorCode = codeOf([call.text("message") ?? ""]);
  const origin = call.text("auth_origin_url");
  if (origin === undefined || !call.services.redirects.allows(origin))
    return plainFailure(call.services.pages, error, errorTable[error], call.language);
  const asked = call.text("omniauth_window_type");
  const windowType = asked === "newWindow" || asked === "inAppBrowser" ? asked : "sameWindow";
  const destination = { origin, windowType, config: null, challenge: null } as const;
  const { language, services } = call;
  const { pages } = services;
  return resultReply(destination, { kind: "failure", error }, { status: 302, language, pages, headers: [] });
}
