export type { AccountFunctions, AccountRef } from "./account-functions.js";
export { type Auth, createAuth } from "./auth.js";
export type { AuthConfig, Duration, MailSettings, Settings } from "./config.js";
export { type AuthEvent, type EventName, eventTable } from "./core/events.js";
export { type HooksConfig, type ModelHooks, Refusal, type ShownAccount } from "./core/hooks.js";
export type {
  Account,
  AccountBase,
  AccountIn,
  AccountOf,
  Audience,
  FieldConfig,
  FieldType,
  GroupsConfig,
  ModelConfig,
  ModelsConfig,
} from "./core/models.js";
export type { ReuseReaction } from "./core/refusals.js";
export type { Database, ListedSession } from "./core/store.js";
export { AuthError, ConfigError, type ErrorCode, errorTable } from "./errors.js";
export type { Logger } from "./http/house.js";
export type { MailMessage, SendMail } from "./mail/message.js";
export type { SessionJson, TokenHeaders, UserJson, ValidationErrors } from "./protocol.js";
