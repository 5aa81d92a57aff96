import { z } from "zod";
import { count } from "../../config/setting.js";

export const devicesSettings = {
  /** Sessions an account may have at once. The longest unused is ended first. Default `10`. */
  maxNumberOfDevices: count(10, z.int().min(1, "must be at least 1")),
};
