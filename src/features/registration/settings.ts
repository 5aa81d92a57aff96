import { flag, optionalDuration } from "../../config/setting.js";

export const registrationSettings = {
  /**
   * How long an account whose address was never confirmed keeps that address. Then it is deleted, and the address is free again.
   * Default: for ever, because accounts of an imported table may be unconfirmed for other reasons.
   */
  unconfirmedAccountsExpireAfter: optionalDuration(),
};

export const registrationModelSettings = {
  /** Whether `POST /` may create accounts. Default `true`. */
  registration: flag(true),
};
