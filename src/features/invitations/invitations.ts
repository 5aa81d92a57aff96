import type { Feature } from "../feature.js";
import { invitationInstructions } from "./mails.js";
import { invitationRoutes } from "./routes.js";

/** Accounts that only whoever is invited can make. */
export const invitations: Feature = {
  name: "invitations",
  routes: invitationRoutes,
  mails: [invitationInstructions],
};
