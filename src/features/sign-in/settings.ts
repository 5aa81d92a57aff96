import { flag } from "../../config/setting.js";

export const signInSettings = {
  /** Whether responses keep secret which addresses have an account. Default `false`. */
  paranoid: flag(false),
};

export const signInModelSettings = {
  /** Whether accounts have passwords: registration, sign-in and reset with an e-mail address. `false`: only providers. Default `true`. */
  databaseAuthenticatable: flag(true),
};
