import { BlockList } from "node:net";
import { z } from "zod";
import type { CheckedHooks } from "../accounts/hooks.js";
import type { GroupsConfig, ModelsConfig } from "../accounts/models.js";
import type { SessionSettings } from "../engine/sessions.js";
import { ConfigError } from "../errors.js";
import type { BreachCheck } from "../features/services.js";
import type { HttpSettings } from "../http/runtime.js";
import type { Logger } from "../logger.js";
import { defaultHeaderNames } from "../protocol.js";
import { addNetwork } from "./addresses.js";
import type { AuthConfig, MailSettings } from "./config.js";
import { createConsoleLogger } from "./console-logger.js";
import { corsSchema } from "./cors.js";
import { parseDuration } from "./duration.js";
import { checkHooks, hooksSchema } from "./hooks.js";
import { checkModels, modelName, modelSchema } from "./models.js";
import { sayIssue } from "./problems.js";
import { checkPattern, createRedirectAllowlist, isLoopbackOrigin } from "./redirect-allowlist.js";

/** The configuration with every default filled in; durations in milliseconds. */
export interface Resolved extends HttpSettings, SessionSettings {
  readonly serverKeys: readonly string[];
  readonly migrations: "apply" | "check";
  readonly trustedProxies: readonly string[];
  readonly redirectAllowlist: readonly string[];
  readonly mail: MailSettings | undefined;
  readonly hooks: CheckedHooks;
}

const duration = z.unknown().transform((value, context) => {
  const milliseconds = parseDuration(value);
  if (milliseconds !== undefined) return milliseconds;
  context.addIssue(
    'has to be a duration, such as "5s", "10m", "2h", "14d", "2w" or a number of milliseconds',
  );
  return z.NEVER;
});
const durationOr = (byDefault: string) => duration.prefault(byDefault);
const positive = (value: number): boolean => value > 0;
const absoluteUrl = z
  .string()
  .refine(isHttpUrl, 'has to be an absolute URL, such as "https://api.example.com"');
const aFunction = <T>() => z.custom<T>((value) => typeof value === "function", "has to be a function");
const pattern = z.string().superRefine((value, context) => {
  const problem = checkPattern(value);
  if (problem !== undefined) context.addIssue(problem);
});
const network = z
  .string()
  .refine(
    (value) => addNetwork(new BlockList(), value),
    'has to be an address or a network, such as "10.0.0.0/8"',
  );
const headerName = z
  .string()
  .regex(/^[a-z0-9!#$%&'*+.^_`|~-]+$/i, "has to be a header name (RFC 9110 §5.1)")
  .transform((name) => name.toLowerCase());
const redirect = z.string().min(1);

const schema = z.strictObject({
  baseUrl: absoluteUrl.transform((url) => url.replace(/\/+$/, "")),
  environment: z.enum(["production", "development", "test"]).optional(),
  database: z.custom<AuthConfig["database"]>(
    (value) => typeof value === "object" && value !== null && "connect" in value,
    'has to be a database, such as sqlite("app.db")',
  ),
  models: z
    .record(modelName, modelSchema)
    .refine((models) => Object.keys(models).length > 0, "needs at least one model, such as user"),
  groups: z.record(modelName, z.array(z.string()).min(1)).default({}),
  hooks: hooksSchema,
  serverKeys: z
    .array(
      z
        .string()
        .min(32, "has to have at least 32 characters, such as the output of: openssl rand -base64 32"),
    )
    .default([]),
  migrations: z.enum(["apply", "check"]).default("apply"),
  changeHeadersOnEachRequest: z.boolean().default(true),
  tokenLifespan: durationOr("2w").refine((value) => value >= 1000, "has to be at least a second"),
  batchRequestBufferThrottle: durationOr("5s"),
  batchResponses: z.enum(["repeat", "omit"]).default("repeat"),
  lostResponses: z.enum(["expire", "recover"]).default("expire"),
  onTokenReuse: z
    .union([
      z.enum(["reject", "revoke-session", "revoke-account"]),
      aFunction<Extract<SessionSettings["onTokenReuse"], (...a: never) => unknown>>(),
    ])
    .default("reject"),
  sessionLifetime: duration.refine(positive, "has to be longer than nothing").nullish(),
  idleTimeout: duration.refine(positive, "has to be longer than nothing").nullish(),
  maxNumberOfDevices: z.int().min(1).default(10),
  headersNames: z
    .strictObject({
      "access-token": headerName.optional(),
      "token-type": headerName.optional(),
      client: headerName.optional(),
      expiry: headerName.optional(),
      uid: headerName.optional(),
      authorization: headerName.optional(),
    })
    .default({}),
  acceptTokensInQuery: z.boolean().default(false),
  cookieEnabled: z.boolean().default(false),
  cookieName: z
    .string()
    .regex(/^[\w!#$%&'*+.^`|~-]+$/, "has to be a cookie name (RFC 6265 §4.1.1)")
    .default("__Host-keyturn"),
  cookieSameSite: z.enum(["strict", "lax", "none"]).default("lax"),
  cors: corsSchema,
  trustedProxies: z.array(network).default([]),
  redirectAllowlist: z.array(pattern).default([]),
  defaultConfirmSuccessUrl: redirect.optional(),
  defaultPasswordResetUrl: redirect.optional(),
  confirmWithin: durationOr("3d").refine(positive, "has to be longer than nothing"),
  resetPasswordWithin: durationOr("1h").refine(positive, "has to be longer than nothing"),
  checkCurrentPasswordBeforeUpdate: z
    .union([z.literal(false), z.enum(["attributes", "password"])])
    .default(false),
  removeTokensAfterPasswordReset: z.boolean().default(true),
  renewSessionOnPasswordChange: z.boolean().default(true),
  requireClientPasswordResetToken: z.boolean().default(false),
  paranoid: z.boolean().default(false),
  passwordMinLength: z.int().min(8, "has to be at least 8 (NIST SP 800-63B-4 §3.1.1.2)").default(8),
  passwordMaxLength: z
    .int()
    .min(128, "has to be at least 128, so that nobody has to shorten a passphrase")
    .max(4096)
    .default(128),
  isPasswordBreached: aFunction<BreachCheck>().optional(),
  mail: z
    .strictObject({
      from: z.string().min(1),
      appName: z.string().min(1).optional(),
      send: aFunction<NonNullable<MailSettings["send"]>>().optional(),
      templatesDirectory: z.string().min(1).optional(),
    })
    .optional(),
  onEvent: aFunction<NonNullable<AuthConfig["onEvent"]>>().optional(),
  logger: z
    .custom<Logger>(
      (value) => typeof value === "object" && value !== null && "error" in value,
      "has to be a logger with info, warn and error",
    )
    .default(createConsoleLogger()),
  now: aFunction<() => number>().optional(),
});

/** Names of all settings, for whoever sets single ones from outside. */
export const settingNames: readonly string[] = Object.keys(schema.shape);

/** Checks the whole configuration and fills in the defaults. Throws a ConfigError with all mistakes at once. */
export function resolveConfig<M extends ModelsConfig, G extends GroupsConfig<M>>(
  config: AuthConfig<M, G>,
): Resolved {
  const parsed = schema.safeParse(config, { reportInput: true });
  if (!parsed.success)
    throw new ConfigError(parsed.error.issues.flatMap((issue) => sayIssue(issue, settingNames)));
  const settings = parsed.data;
  const production = (settings.environment ?? process.env["NODE_ENV"]) === "production";
  const problems = [
    ...crossChecks(settings),
    ...redirectChecks(settings, production),
    ...(production ? productionChecks(settings) : []),
  ];
  if (problems.length > 0) throw new ConfigError(problems);
  const {
    "access-token": accessToken,
    "token-type": tokenType,
    client,
    expiry,
    uid,
    authorization,
  } = settings.headersNames;
  return {
    ...settings,
    production,
    idleTimeout: settings.idleTimeout ?? null,
    sessionLifetime: settings.sessionLifetime ?? null,
    defaultConfirmSuccessUrl: settings.defaultConfirmSuccessUrl,
    defaultPasswordResetUrl: settings.defaultPasswordResetUrl,
    isPasswordBreached: settings.isPasswordBreached,
    mail: settings.mail as MailSettings | undefined,
    headersNames: {
      "access-token": accessToken ?? defaultHeaderNames["access-token"],
      "token-type": tokenType ?? defaultHeaderNames["token-type"],
      client: client ?? defaultHeaderNames.client,
      expiry: expiry ?? defaultHeaderNames.expiry,
      uid: uid ?? defaultHeaderNames.uid,
      authorization: authorization ?? defaultHeaderNames.authorization,
    },
  };
}

type Checked = z.output<typeof schema>;

// What no single setting can tell.
function crossChecks(settings: Checked): readonly string[] {
  const problems = [...checkModels(settings.models), ...checkHooks(settings.hooks, settings.models)];
  for (const [group, members] of Object.entries(settings.groups)) {
    if (group in settings.models) problems.push(`groups.${group}: is already the name of a model`);
    for (const member of members) {
      if (!(member in settings.models)) problems.push(`groups.${group}: there is no model "${member}"`);
    }
  }
  if (
    settings.idleTimeout !== undefined &&
    settings.idleTimeout !== null &&
    !settings.changeHeadersOnEachRequest
  ) {
    problems.push(
      "idleTimeout: needs changeHeadersOnEachRequest, because a session that never rotates is never written",
    );
  }
  if (settings.cookieSameSite === "none" && (settings.cors === false || settings.cors.origins.length === 0)) {
    problems.push('cookieSameSite: "none" needs cors.origins, or every site could use the cookie');
  }
  return problems;
}

// Every request would refuse a default that the allow-list does not have.
function redirectChecks(settings: Checked, production: boolean): readonly string[] {
  const allowlist = createRedirectAllowlist({
    patterns: settings.redirectAllowlist,
    allowLoopback: !production,
  });
  return (["defaultConfirmSuccessUrl", "defaultPasswordResetUrl"] as const)
    .filter((name) => settings[name] !== undefined && !allowlist.allows(settings[name]))
    .map((name) => `${name}: is not among the redirectAllowlist`);
}

function productionChecks(settings: Checked): readonly string[] {
  const problems: string[] = [];
  if (!settings.baseUrl.startsWith("https:") && !isLoopbackOrigin(new URL(settings.baseUrl).origin)) {
    problems.push("baseUrl: has to begin with https: in production");
  }
  const confirms = Object.values(settings.models).some((one) => one.confirmable !== false);
  if (confirms && settings.mail?.send === undefined) {
    problems.push(
      'mail.send: is needed in production, because accounts are confirmed by mail: smtp("smtp://…") from keyturn/mail, or your own function',
    );
  }
  return problems;
}

function isHttpUrl(value: string): boolean {
  return URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
}
