import { z } from "zod";
import type { Model } from "../../accounts/models.js";
import { buildRedirect } from "../../config/build-redirect.js";
import { AuthError } from "../../errors.js";
import { type Call, ok } from "../call.js";
import type { Route } from "../feature.js";
import { configName, email, success, url } from "../schemas.js";
import { requestUnlock, unlock, unlocksByMail } from "./unlock.js";

const isFor = (model: Model): boolean => model.lockable;

const followLink: Route = {
  method: "GET",
  path: "/unlock",
  name: "unlockAccount",
  isLink: true,
  limit: "link",
  summary: "Unlock an account: the link of a mail",
  isFor,
  access: "anyone",
  input: () => z.object({ unlock_token: z.string(), redirect_url: url.optional() }),
  output: "redirect",
  errors: [],
  async action(call) {
    refuseWithoutMails(call);
    const { services } = call;
    call.account = await unlock(services, call.model, call.text("unlock_token") ?? "");
    const isUnlocked = call.account !== undefined;
    // A link that was tampered with still unlocks: only its target is not used.
    const target = call.text("redirect_url") ?? services.settings.defaultUnlockSuccessUrl;
    if (target !== undefined && services.redirects.allows(target))
      return { redirect: buildRedirect(target, { unlock: String(isUnlocked) }) };
    return isUnlocked ? { status: 200, page: "unlocked" } : { status: 404, page: "link_unusable" };
  },
};

const request: Route = {
  method: "POST",
  path: "/unlock",
  name: "requestUnlock",
  limit: "mail",
  summary: "Mail a link that unlocks the account",
  isFor,
  access: "anyone",
  input: () => z.object({ email, redirect_url: url.optional(), config_name: configName }),
  output: () => success({ message: z.string() }),
  errors: ["email_missing", "email_unknown", "not_locked", "redirect_refused", "mail_unavailable"],
  async action(call) {
    refuseWithoutMails(call);
    const { services, model } = call;
    const target = call.redirectTarget("redirect_url", services.settings.defaultUnlockSuccessUrl);
    const address = await requestUnlock(services, model, call.text("email"), target, call.configName());
    return ok({ success: true, message: call.say("unlock_sent", { email: address }) });
  },
};

export const unlockRoutes: readonly Route[] = [followLink, request];

// Where no lock is ended by mail, there is nothing to ask for.
function refuseWithoutMails({ services }: Call): void {
  if (!unlocksByMail(services)) throw new AuthError("not_found");
}
