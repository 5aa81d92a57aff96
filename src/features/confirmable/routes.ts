import { buildRedirect } from "../../config/redirect-allowlist.js";
import { type Action, configName, redirectTarget } from "../../http/call.js";
import { textParam } from "../../http/params.js";
import { json, page, redirectTo } from "../../http/respond.js";
import { confirm, resendConfirmation } from "./confirm.js";

/** `GET /confirmation`: where the link of a confirmation mail leads. */
export const show: Action = async (call) => {
  const { services } = call.runtime;
  const confirmed = await confirm(services, call.model, textParam(call.params, "confirmation_token") ?? "");
  // A link that was tampered with still confirms the address: only its target is not used.
  const target = textParam(call.params, "redirect_url") ?? services.settings.defaultConfirmSuccessUrl;
  if (target !== undefined && services.redirects.allows(target)) {
    return redirectTo(buildRedirect(target, { account_confirmation_success: String(confirmed) }));
  }
  return confirmed
    ? page(200, "Address confirmed", "Your e-mail address is confirmed. You can close this page and sign in.")
    : page(
        404,
        "This link does not work",
        "It may be too old, or a newer one may have been sent. Ask for another from the app.",
      );
};

/** `POST /confirmation`: mails the link again. */
export const create: Action = async (call) => {
  const { services } = call.runtime;
  const redirectUrl = redirectTarget(call, "redirect_url", services.settings.defaultConfirmSuccessUrl);
  const config = configName(call);
  const email = await resendConfirmation(
    services,
    call.model,
    textParam(call.params, "email"),
    redirectUrl,
    config,
  );
  return json(200, {
    success: true,
    message: `An email has been sent to '${email}' containing instructions for confirming your account.`,
  });
};
