import { z } from "zod";
import type { Model } from "../../accounts/models.js";
import { buildRedirect } from "../../config/redirect-allowlist.js";
import { ok } from "../call.js";
import type { Route } from "../feature.js";
import { configName, email, success, url } from "../schemas.js";
import { confirm, resendConfirmation } from "./confirm.js";

// A model that only confirms changes of address has the routes too.
const isFor = (model: Model): boolean => model.confirmable || model.reconfirmable;

const confirmAddress: Route = {
  method: "GET",
  path: "/confirmation",
  name: "confirmAddress",
  isLink: true,
  limit: "link",
  summary: "Confirm an address: the link of a mail",
  isFor,
  access: "anyone",
  input: () => z.object({ confirmation_token: z.string(), redirect_url: url.optional() }),
  output: "redirect",
  errors: [],
  async action(call) {
    const { services } = call;
    call.account = await confirm(services, call.model, call.text("confirmation_token") ?? "");
    const isConfirmed = call.account !== undefined;
    // A link that was tampered with still confirms the address: only its target is not used.
    const target = call.text("redirect_url") ?? services.settings.defaultConfirmSuccessUrl;
    if (target !== undefined && services.redirects.allows(target))
      return { redirect: buildRedirect(target, { account_confirmation_success: String(isConfirmed) }) };
    return isConfirmed ? { status: 200, page: "confirmed" } : { status: 404, page: "link_unusable" };
  },
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

export const confirmationRoutes: readonly Route[] = [confirmAddress, resend];
