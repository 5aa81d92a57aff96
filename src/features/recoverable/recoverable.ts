import type { Feature } from "../feature.js";
import { resetPasswordInstructions } from "../reset-mail.js";
import { passwordRoutes } from "./routes.js";

/** Setting a new password: by a link that is mailed to the account's address, or while signed in. */
export const recoverable: Feature = {
  name: "recoverable",
  routes: passwordRoutes,
  mails: [resetPasswordInstructions],
};
