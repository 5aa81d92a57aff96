import { duration, optionalText } from "../../config/setting.js";

export const invitationSettings = {
  /** How long an invitation is good for, unless it says otherwise. Default `"7d"`. */
  acceptInvitationWithin: duration("7d", 1000),
  /** The page that an invitation leads to, where somebody signs up. Default: none, so whoever makes one names it. */
  defaultInvitationUrl: optionalText(),
};
