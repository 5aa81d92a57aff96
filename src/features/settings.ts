import type { InputOf, OutputOf } from "../config/setting.js";
import { accountUpdateSettings } from "./account-update/settings.js";
import { confirmableModelSettings, confirmableSettings } from "./confirmable/settings.js";
import { devicesSettings } from "./devices/settings.js";
import { disableableModelSettings } from "./disableable/settings.js";
import { knownDevicesModelSettings, knownDevicesSettings } from "./known-devices/settings.js";
import { lockableModelSettings, lockableSettings } from "./lockable/settings.js";
import { omniauthableModelSettings, omniauthableSettings } from "./omniauthable/settings.js";
import { rateLimitModelSettings, rateLimitSettings } from "./rate-limits/settings.js";
import { recoverableSettings } from "./recoverable/settings.js";
import { registrationModelSettings } from "./registration/settings.js";
import { signInModelSettings, signInSettings } from "./sign-in/settings.js";
import { trackableModelSettings } from "./trackable/settings.js";

/** The settings of every feature. */
export const featureSettings = {
  ...signInSettings,
  ...confirmableSettings,
  ...recoverableSettings,
  ...lockableSettings,
  ...rateLimitSettings,
  ...accountUpdateSettings,
  ...devicesSettings,
  ...knownDevicesSettings,
  ...omniauthableSettings,
};

/** The settings of every feature that each model has for itself. */
export const featureModelSettings = {
  ...registrationModelSettings,
  ...signInModelSettings,
  ...confirmableModelSettings,
  ...trackableModelSettings,
  ...omniauthableModelSettings,
  ...lockableModelSettings,
  ...disableableModelSettings,
  ...rateLimitModelSettings,
  ...knownDevicesModelSettings,
};

export type FeatureModelConfig = InputOf<typeof featureModelSettings>;
export type FeatureModel = OutputOf<typeof featureModelSettings>;
