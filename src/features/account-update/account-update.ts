import type { Feature } from "../feature.js";
import { emailChangeNotice } from "./mails.js";
import { accountRoutes } from "./routes.js";

/** Changing and deleting one's own account. */
export const accountUpdate: Feature = {
  name: "account-update",
  routes: accountRoutes,
  mails: [emailChangeNotice],
};
