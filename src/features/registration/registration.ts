import { registrationAttemptNotice } from "../attempt-notice.js";
import type { Feature } from "../feature.js";
import { registrationRoutes } from "./routes.js";

/** Registering an account with an e-mail address and a password. */
export const registration: Feature = {
  name: "registration",
  routes: registrationRoutes,
  mails: [registrationAttemptNotice],
};
