import type { Feature } from "../feature.js";
import { newDeviceNotice } from "./mails.js";
import { newDeviceRoutes } from "./routes.js";

/** Devices that have signed in before: what they may do in spite of a flood, and the mail about one that has not. */
export const knownDevices: Feature = {
  name: "known-devices",
  routes: newDeviceRoutes,
  mails: [newDeviceNotice],
};
