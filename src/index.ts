export type {
  AccountList,
  AccountState,
  Accounts,
  AccountValues,
  ByOptions,
  CreatedInvitation,
  CreateOptions,
  InvitationOptions,
  LinkOptions,
  ListQuery,
  MailedInvitation,
  NewAccountValues,
  UpdateOptions,
} from "./account-functions/accounts.js";
export type {
  AuditLogEntry,
  AuditLogFunctions,
  AuditLogPage,
  AuditLogQuery,
} from "./account-functions/audit-log.js";
export type { AccountRef } from "./account-functions/find.js";
export type { TokenFunctions } from "./account-functions/tokens.js";
export type { ActionName } from "./accounts/actions.js";
export type { AuthenticationKeyConfig, AuthenticationKeysConfig } from "./accounts/authentication-keys.js";
export {
  type AccountOrigin,
  type Asked,
  type HooksConfig,
  type ModelHooks,
  type ShownAccount,
  type SignUpGiven,
  skipConfirmation,
} from "./accounts/hooks.js";
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
  NoSuchSetting,
  SignedIn,
  StrictModels,
} from "./accounts/models.js";
export type {
  ModelOverrides,
  Original,
  Override,
  OverrideCall,
  OverrideResponse,
  OverridesConfig,
} from "./accounts/overrides.js";
export { type Auth, createAuth } from "./auth.js";
export type { BotCheck, BotCheckRequest, BotVerdict } from "./checks/bot-check.js";
export type { AuthConfig, Settings } from "./config/config.js";
export type { CorsSettings } from "./config/cors.js";
export type { ErrorGiven, ErrorResponse, ErrorShown } from "./config/error-response.js";
export type { Reader } from "./config/language-settings.js";
export type { MailSettings } from "./config/mail-settings.js";
export type { Duration } from "./config/setting.js";
export type { CounterOutcome, CounterRule, CounterStore } from "./database/counter-port.js";
export type { KnownDevice } from "./database/device-port.js";
export type { Database, ListedSession } from "./database/port.js";
export type { ReuseReaction } from "./engine/token-reuse.js";
export {
  AuthError,
  type AuthErrorOptions,
  ConfigError,
  type ErrorCode,
  errorTable,
  type GivenProblems,
  type MetLimit,
  type Problem,
  type Problems,
} from "./errors.js";
export { type Actor, type AuthEvent, type EventName, eventTable } from "./events.js";
export type { AuditLogSettings } from "./features/audit-log/settings.js";
export type { BotCheckSettings, CheckableAction } from "./features/bot-checks/settings.js";
export type { RateLimit, RateLimitName, RateLimitRules } from "./features/rate-limits/settings.js";
export type { Logger } from "./logger.js";
export type {
  MailColors,
  MailLogo,
  MailMessage,
  MailToWrite,
  SendMail,
  WriteMail,
  WrittenMail,
} from "./mail/message.js";
export type { IdentityJson, SessionJson, TokenHeaders, UserJson, ValidationErrors } from "./protocol.js";
export type { NotReady, Readiness } from "./readiness.js";
export type { CounterName, GaugeName, HistogramName, SpanName } from "./telemetry/instruments.js";
export type { Attributes, OpenSpan, Telemetry } from "./telemetry/telemetry.js";
export type { OwnTexts, RefusalTexts } from "./texts/language.js";
export type { PluralForms, Sentence, SomeTexts, Texts } from "./texts/texts.js";
