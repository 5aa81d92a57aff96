import { choice } from "../../config/setting.js";

export const accountUpdateSettings = {
  /** Changes that need the current password: none (`false`), any (`"attributes"`), or a new password or e-mail address (`"password"`). Default `false`. */
  checkCurrentPasswordBeforeUpdate: choice([false, "attributes", "password"], false),
};
