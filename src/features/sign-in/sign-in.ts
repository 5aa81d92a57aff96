import type { Feature } from "../feature.js";
import { signInRoutes } from "./routes.js";

/** Signing in with an e-mail address and a password, signing out, and asking whom credentials belong to. */
export const signIn: Feature = { name: "sign-in", routes: signInRoutes };
