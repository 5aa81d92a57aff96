import { z } from "zod";
import { choice, count, duration, flag, optionalText } from "../../config/setting.js";

export const lockableSettings = {
  /** Wrong passwords in a row that lock an account of a `lockable` model. Fewer make it easy to lock somebody else out. Default `20`. */
  maximumAttempts: count(20, z.int().min(1, "must be at least 1")),
  /** How long a lock lasts, counted from its beginning. Default `"1h"`. */
  unlockIn: duration("1h", 1000),
  /** What ends a lock: a mailed link (`"email"`), `unlockIn` (`"time"`), either (`"both"`), or only your own code (`"none"`). A finished password reset always does. Default `"both"`. */
  unlockStrategy: choice(["both", "email", "time", "none"], "both"),
  /** How long an unlock link works. Default `"1d"`. */
  unlockLinkWithin: duration("1d", 1),
  /** Where an unlock link leads when the request names no `redirect_url`, and the link of the mail that is sent at the lock. Default: none, a small page. */
  defaultUnlockSuccessUrl: optionalText(),
};

export const lockableModelSettings = {
  /** Whether too many wrong passwords in a row lock an account. It keeps the count in columns of its own. Default `false`. */
  lockable: flag(false),
};
