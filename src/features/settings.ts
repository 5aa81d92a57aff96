import type { InputOf, OutputOf } from "../config/setting.js";
import { accountUpdateSettings } from "./account-update/settings.js";
import { auditLogSettings } from "./audit-log/settings.js";
import { botCheckSettings } from "./bot-checks/settings.js";
import { confirmableModelSettings, confirmableSettings } from "./confirmable/settings.js";
import { devicesModelSettings, devicesSettings } from "./devices/settings.js";
import { disableableModelSettings } from "./disableable/settings.js";
import { invitationSettings } from "./invitations/settings.js";
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
  ...botCheckSettings,
  ...accountUpdateSettings,
  ...devicesSettings,
  ...invitationSettings,
  ...knownDevicesSettings,
  ...omniauthableSettings,
  ...auditLogSettings,
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
  ...devicesModelSettings,
  ...rateLimitModelSettings,
  ...knownDevicesModelSettings,
};

export type FeatureModelConfig = InputOf<typeof featureModelSettings>;
export type FeatureModel = OutputOf<typeof featureModelSettings>;
