import type { Feature } from "../feature.js";

/** Accounts that the app's own code can shut out and let in again. It has no routes. */
export const disableable: Feature = { name: "disableable" };
