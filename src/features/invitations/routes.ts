import { z } from "zod";
import { hashTicket } from "../../accounts/tickets.js";
import { buildRedirect } from "../../config/build-redirect.js";
import { AuthError } from "../../errors.js";
import type { Route } from "../feature.js";
import { openInvitation } from "../invitation.js";
import { configName, url } from "../schemas.js";

const follow: Route = {
  method: "GET",
  path: "/invitation",
  name: "followInvitation",
  isLink: true,
  limit: "link",
  summary: "Follow an invitation: the link of a mail",
  isFor: (model) => model.registration === "invitation",
  access: "anyone",
  input: () => z.object({ invitation_token: z.string(), redirect_url: url.optional(), config: configName }),
  output: "redirect",
  errors: ["redirect_missing", "redirect_refused"],
  async action(call) {
    const { services, model } = call;
    const target = call.redirectTarget("redirect_url", services.settings.defaultInvitationUrl);
    if (target === undefined) throw new AuthError("redirect_missing");
    // The visit uses nothing up: mail scanners visit links too. The sign-up that names the token does.
    const token = call.text("invitation_token") ?? "";
    const isGood = (await openInvitation(services, model, hashTicket(token))) !== undefined;
    const outcome = isGood ? { invitation: "true", invitation_token: token } : { invitation: "false" };
    return { redirect: buildRedirect(target, outcome) };
  },
};

export const invitationRoutes: readonly Route[] = [follow];
