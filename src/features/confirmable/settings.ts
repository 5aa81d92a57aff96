import { z } from "zod";
import { duration, flag, optionalDuration, optionalText, setting } from "../../config/setting.js";

export const confirmableSettings = {
  /** Where a confirmation link leads when the request names no `confirm_success_url`. Default: none, so the request must name one. */
  defaultConfirmSuccessUrl: optionalText(),
  /**
   * Whether a confirmation link shows a page with a button that confirms, instead of confirming by its visit, as devise_token_auth's does:
   * mail scanners follow links and press no buttons. For accounts that a sign-in with a provider made it always does. Default `false`.
   */
  confirmByButton: flag(false),
  /** How long a confirmation link works. Default `"3d"`. */
  confirmWithin: duration("3d", 1),
  /**
   * How long an account that nobody has confirmed keeps its address. When somebody registers with that address afterwards, the old account
   * is deleted and a new one made. Set it, for example to `"7d"`, unless your table has accounts from before Keyturn that were never
   * confirmed. Default: none, it keeps it for ever.
   */
  unconfirmedAccountsExpireAfter: optionalDuration(),
};

export const confirmableModelSettings = {
  /** Whether an account must confirm its e-mail address before it can sign in. Default `true`. */
  confirmable: flag(true),
  /** Whether a new e-mail address takes effect only when its owner opens the link sent to it. Default: as `confirmable`. */
  reconfirmable: setting<boolean, boolean | undefined>(z.boolean().optional()),
};
