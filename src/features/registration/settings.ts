import { flag } from "../../config/setting.js";

export const registrationModelSettings = {
  /** Whether `POST /` may create accounts. Default `true`. */
  registration: flag(true),
};
