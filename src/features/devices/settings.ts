import { z } from "zod";
import { count, ownDuration } from "../../config/setting.js";

export const devicesSettings = {
  /** Sessions an account may have at once. The longest unused is ended first. Default `10`. */
  maxNumberOfDevices: count(10, z.int().min(1, "must be at least 1")),
};

export const devicesModelSettings = {
  /** The end of a session of this model that nobody uses. Must be longer than the window. `null`: none but `tokenLifespan`. Default: `idleTimeout` of the settings. */
  timeoutIn: ownDuration(),
  /** The end of a session of this model, counted from sign-in, however much it is used. `null`: none. Default: `sessionLifetime` of the settings. */
  sessionsEndAfter: ownDuration(),
};
