import { z } from "zod";
import type { Model } from "../../accounts/models.js";
import { buildRedirect } from "../../config/build-redirect.js";
import { type Call, ok, type Reply } from "../call.js";
import type { OpenRoute, Route } from "../feature.js";
import { configName, email, success, url } from "../schemas.js";
import { confirm, needsButton, resendConfirmation } from "./confirm.js";

// A model that only confirms changes of address has the routes too.
const isFor = (model: Model): boolean => model.confirmable || model.reconfirmable;

const confirmAddress = {
  name: "confirmAddress",
  isLink: true,
  limit: "link",
  isFor,
  access: "anyone",
  input: () => z.object({ confirmation_token: z.string(), redirect_url: url.optional() }),
  output: "redirect",
  errors: [],
} as const satisfies Partial<OpenRoute>;

const followLink: OpenRoute = {
  ...confirmAddress,
  method: "GET",
  path: "/confirmation",
  summary: "Confirm an address: the link of a mail",
  async action(call) {
    const { services, model } = call;
    const secret = call.text("confirmation_token") ?? "";
    return (await needsButton(services, model, secret)) ? buttonPage(call, secret) : redeem(call);
  },
};

const pressButton: OpenRoute = {
  ...confirmAddress,
  method: "POST",
  path: "/confirmation/confirm",
  operationId: "confirmAddressByButton",
  summary: "Confirm an address: the button of the page that the link of a mail shows",
  action: redeem,
};

const resend: Route = {
  method: "POST",
  path: "/confirmation",
  name: "resendConfirmation",
  limit: "mail",
  summary: "Mail the confirmation link again",
  isFor,
  access: "anyone",
  input: () => z.object({ email, redirect_url: url.optional(), config_name: configName }),
  output: () => success({ message: z.string() }),
  errors: ["email_missing", "email_unknown", "already_confirmed", "redirect_refused", "mail_unavailable"],
  async action(call) {
    const { services, model } = call;
    const target = call.redirectTarget("redirect_url", services.settings.defaultConfirmSuccessUrl);
    const address = await resendConfirmation(services, model, call.text("email"), target, call.configName());
    return ok({ success: true, message: call.say("confirmation_sent", { email: address }) });
  },
};

export const confirmationRoutes: readonly Route[] = [followLink, pressButton, resend];

async function redeem(call: Call): Promise<Reply> {
  call.account = await confirm(call.services, call.model, call.text("confirmation_token") ?? "");
  const isConfirmed = call.account !== undefined;
  const target = redirectOf(call);
  if (target !== undefined)
    return { redirect: buildRedirect(target, { account_confirmation_success: String(isConfirmed) }) };
  return isConfirmed ? { status: 200, page: "confirmed" } : { status: 404, page: "link_unusable" };
}

// A link that was tampered with still confirms the address: only its target is not used.
function redirectOf(call: Call): string | undefined {
  const { settings, redirects } = call.services;
  const target = call.text("redirect_url") ?? settings.defaultConfirmSuccessUrl;
  return target !== undefined && redirects.allows(target) ? target : undefined;
}

/** The page that the link shows. Its form says what the link said, and leads on to where the link leads. */
function buttonPage(call: Call, secret: string): Reply {
  const { services, model, language } = call;
  const target = redirectOf(call);
  const path = `${pressButton.path}?${new URLSearchParams({ locale: language.name })}`;
  return {
    status: 200,
    page: "confirm",
    form: {
      action: `${services.settings.baseUrl}${model.mountAt}${path}`,
      fields: { confirmation_token: secret, ...(target === undefined ? {} : { redirect_url: target }) },
      leadsTo: target,
    },
  };
}
