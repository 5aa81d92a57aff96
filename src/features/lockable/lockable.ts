import type { Feature } from "../feature.js";
import { unlockInstructions } from "./mails.js";
import { unlockRoutes } from "./routes.js";

/** Locking an account after too many wrong passwords, and the ways to unlock it. */
export const lockable: Feature = { name: "lockable", routes: unlockRoutes, mails: [unlockInstructions] };
