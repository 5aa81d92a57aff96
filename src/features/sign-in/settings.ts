import { flag } from "../../config/setting.js";

export const signInSettings = {
  /** Whether responses keep secret which addresses have an account. Default `false`. */
  paranoid: flag(false),
};
