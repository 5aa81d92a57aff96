import { flag } from "../../config/setting.js";

export const disableableModelSettings = {
  /** Whether accounts can be disabled with `auth.accounts.disable`, which is kept in a column of theirs. Default `false`. */
  disableable: flag(false),
};
