import { flag } from "../../config/setting.js";

export const trackableModelSettings = {
  /** Whether each account keeps how often it signed in, when and from where, in columns of its own. Default `false`. */
  trackable: flag(false),
};
