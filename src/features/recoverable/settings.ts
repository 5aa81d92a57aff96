import { duration, flag, optionalText } from "../../config/setting.js";

export const recoverableSettings = {
  /** Where a reset link leads when the request names no `redirect_url`. Default: none, so the request must name one. */
  defaultPasswordResetUrl: optionalText(),
  /** How long a reset link works. Default `"1h"`. */
  resetPasswordWithin: duration("1h", 1),
  /** Whether a new password ends the account's other sessions. Default `true`. */
  removeTokensAfterPasswordReset: flag(true),
  /** Whether a reset by mail takes away the account's identities at providers, which somebody may have added who should not. Default `true`. */
  removeIdentitiesAfterPasswordReset: flag(true),
  /** Whether a new password gives the session that sets it a new token, so that copies of its old one are refused. Default `true`. */
  renewSessionOnPasswordChange: flag(true),
  /** Whether the reset link's redirect carries only the `reset_password_token`, and no credentials in the URL. Recommended. Default `false`, as old clients need it. */
  requireClientPasswordResetToken: flag(false),
};
