import { duration, flag } from "../../config/setting.js";

export const knownDevicesSettings = {
  /** How long the link works by which a new device's mail is answered: "this was not me". Default `"7d"`. */
  newDeviceLinkWithin: duration("7d", 1),
};

export const knownDevicesModelSettings = {
  /** Whether an account's owner is told by mail of a sign-in with a browser and system that have not signed in before. Default `true`. */
  newDeviceNotice: flag(true),
};
