import type { Feature } from "../feature.js";
import { confirmationInstructions, providerConfirmationInstructions } from "./mails.js";
import { confirmationRoutes } from "./routes.js";

/** Confirming an e-mail address, an account's first one or a new one, by a link that is mailed to it. */
export const confirmable: Feature = {
  name: "confirmable",
  routes: confirmationRoutes,
  mails: [confirmationInstructions, providerConfirmationInstructions],
};
