import type { Feature } from "../feature.js";

/** How often each account signed in, when and from where, in columns of the account. It has no routes, and nothing of it is shown. */
export const trackable: Feature = { name: "trackable" };
