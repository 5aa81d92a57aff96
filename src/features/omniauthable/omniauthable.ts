import type { Feature } from "../feature.js";
import { callback } from "./callback.js";
import { omniauthRoutes } from "./routes.js";

/** Signing in with a provider (OAuth 2.0, OpenID Connect), in a popup, in the same window or in a native app. */
export const omniauthable: Feature = {
  name: "omniauthable",
  routes: omniauthRoutes,
  siteRoutes: [callback],
};
