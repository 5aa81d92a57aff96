import { z } from "zod";
import { setting } from "../../config/setting.js";

export const registrationModelSettings = {
  /** Who may make an account: anybody, nobody (`false`), or whoever has an invitation (`"invitation"`). Default `true`. */
  registration: setting<boolean | "invitation", boolean | "invitation">(
    z.union([z.boolean(), z.literal("invitation")], 'must be true, false or "invitation"').default(true),
  ),
};
