import { z } from "zod";
import { duration, flag, optionalText, setting } from "../../config/setting.js";

export const confirmableSettings = {
  /** Where a confirmation link leads when the request names no `confirm_success_url`. Default: none, so the request must name one. */
  defaultConfirmSuccessUrl: optionalText(),
  /** How long a confirmation link works. Default `"3d"`. */
  confirmWithin: duration("3d", 1),
};

export const confirmableModelSettings = {
  /** Whether an account must confirm its e-mail address before it can sign in. Default `true`. */
  confirmable: flag(true),
  /** Whether a new e-mail address takes effect only when its owner opens the link sent to it. Default: as `confirmable`. */
  reconfirmable: setting<boolean, boolean | undefined>(z.boolean().optional()),
};
