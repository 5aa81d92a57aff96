import { z } from "zod";
import { actionNames } from "../accounts/actions.js";
import type { CheckedHooks } from "../accounts/hooks.js";
import type { GroupsConfig, ModelsConfig } from "../accounts/models.js";
import type { CheckedOverrides } from "../accounts/overrides.js";
import { ConfigError } from "../errors.js";
import { auditLogKeys } from "../features/audit-log/settings.js";
import { botCheckKeys } from "../features/bot-checks/settings.js";
import { rateLimitKeys, rateLimitNames } from "../features/rate-limits/settings.js";
import { featureSettings } from "../features/settings.js";
import { parseWebUrl } from "../parse-url.js";
import { checkBotCheck } from "./bot-check.js";
import type { AuthConfig } from "./config.js";
import { coreSettings, headerKeys } from "./core-settings.js";
import { corsKeys } from "./cors.js";
import { checkModelNames, hookNames, hooksSchema } from "./hooks.js";
import { languageSettings } from "./language-settings.js";
import { checkLanguages } from "./languages.js";
import { checkMail, mailKeys } from "./mail-settings.js";
import { checkModels, columnKeys, fieldKeys, modelKeys, modelName, modelSchema } from "./models.js";
import { allNames } from "./nearest-name.js";
import { type ActionRoute, checkActions, overridesSchema } from "./overrides.js";
import { sayHiddenKeys, sayIssue } from "./problems.js";
import { checkProviders } from "./providers.js";
import { readable, told } from "./readable.js";
import { createRedirectAllowlist, isLoopbackOrigin } from "./redirect-allowlist.js";
import { areSecretsNeeded } from "./secrets.js";
import { type OutputOf, type Setting, schemasOf } from "./setting.js";
import type { KnownNames } from "./unknown-names.js";

/** The configuration with every default filled in; durations in milliseconds. */
export interface ResolvedSettings
  extends OutputOf<typeof coreSettings>,
    OutputOf<typeof languageSettings>,
    OutputOf<typeof featureSettings> {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly production: boolean;
  /** Whether the app is being developed: what only a developer can mend is logged. */
  readonly development: boolean;
  readonly hooks: CheckedHooks;
  readonly overrides: CheckedOverrides;
}

const described = { ...coreSettings, ...languageSettings, ...featureSettings };

const baseUrl = z
  .string()
  .refine(
    (value) => parseWebUrl(value) !== undefined,
    'must be an absolute URL, such as "https://api.example.com"',
  )
  .transform((url) => url.replace(/\/+$/, ""));
const database = z.custom<AuthConfig["database"]>(
  (value) => typeof value === "object" && value !== null && "connect" in value,
  'must be a database, such as sqlite("app.db")',
);
const models = z
  .record(modelName, modelSchema)
  .refine((all) => Object.keys(all).length > 0, "needs at least one model, such as user");
const groups = z.record(modelName, z.array(z.string()).min(1, "must name at least one model")).default({});
const schema = z.strictObject({
  baseUrl,
  database,
  models,
  groups,
  hooks: hooksSchema,
  overrides: overridesSchema,
  ...schemasOf(described),
});

/** Names of all settings. */
export const settingNames: readonly string[] = Object.keys(schema.shape);
const knownNames: KnownNames = {
  settings: settingNames,
  models: modelKeys,
  fields: fieldKeys,
  columns: columnKeys,
  hooks: hookNames,
  actions: actionNames,
  inside: {
    cors: corsKeys,
    ...mailKeys,
    headersNames: headerKeys,
    rateLimitRules: rateLimitNames,
    botCheck: botCheckKeys,
    auditLog: auditLogKeys,
  },
  limit: rateLimitKeys,
};

/** How the settings look that do not say for themselves what they mean. */
export const settingLooks: ReadonlyMap<string, NonNullable<Setting<unknown, unknown>["look"]>> = new Map(
  Object.entries(described).flatMap(([name, { look }]) =>
    look === undefined ? [] : [[name, look] as const],
  ),
);

/** How `KEYTURN_…` variables say the settings that a line of text can say. */
export const variableSettings: ReadonlyMap<string, "value" | "list"> = new Map([
  ["baseUrl", "value"],
  ...Object.entries(described).flatMap(([name, { variable }]) =>
    variable === undefined ? [] : [[name, variable] as const],
  ),
]);

/**
 * Checks the whole configuration and fills in the defaults. Throws a ConfigError with all mistakes at once. `routes`: the actions that
 * there are, and the paths below a mount point that they have.
 */
export function resolveConfig<M extends ModelsConfig, G extends GroupsConfig<M>>(
  config: AuthConfig<M, G>,
  routes: readonly ActionRoute[] = [],
): ResolvedSettings {
  const routeNames = routes.flatMap(({ path }) => (path === undefined ? [] : [path.split("/")[1] ?? ""]));
  const parsed = schema.safeParse(config, { reportInput: true });
  const issues = parsed.error?.issues ?? [];
  const said = issues.flatMap((issue) => sayIssue(issue, knownNames, config));
  const right = parsed.success
    ? { settings: parsed.data, config }
    : readable(schema.shape, config, issues, meantBy(said));
  const settings = right.settings as Checked;
  const models = right.config.models as ModelsConfig;
  const environmentOf = (): string => settings.environment ?? process.env["NODE_ENV"] ?? "development";
  const isProduction = (): boolean => environmentOf() === "production";
  const problems = [
    ...sayHiddenKeys(config),
    ...checkModelNames(config),
    ...told([
      () => checkModels(settings.models, routeNames),
      () => checkLanguages(settings),
      () => checkMail(settings.mail),
      () => groupChecks(settings),
      () => sessionChecks(settings),
      () => cookieChecks(settings),
      () => checkActions({ overrides: settings.overrides, models: settings.models && models }, routes),
      () => checkBotCheck(settings.botCheck, settings.models && models, routes),
      () => redirectChecks(settings, isProduction()),
      () => checkProviders(settings, routeNames, isProduction()),
      () => (isProduction() ? productionChecks(settings) : []),
    ]),
  ];
  const isSaid = (problem: string): boolean => said.some((one) => placeOf(one) === placeOf(problem));
  const all = [...said, ...problems.filter((problem) => !isSaid(problem))];
  if (all.length > 0) throw new ConfigError(all);
  const environment = environmentOf();
  return {
    ...settings,
    production: environment === "production",
    development: environment === "development",
  };
}

/** Settings that unknown names were probably meant for: what they say instead is not told of them. */
function meantBy(problems: readonly string[]): readonly string[] {
  return problems.flatMap((problem) => /(?:did you mean|write it as) (\w+)\b(?!\.)/.exec(problem)?.[1] ?? []);
}

function placeOf(problem: string): string {
  return problem.slice(0, problem.indexOf(":"));
}

type Checked = Omit<ResolvedSettings, "production" | "development"> & {
  readonly models: z.output<typeof models>;
  readonly groups: z.output<typeof groups>;
};

function groupChecks({ groups, models }: Checked): readonly string[] {
  const names = Object.keys(models);
  return Object.entries(groups).flatMap(([group, members]) => [
    ...(names.includes(group) ? [`groups.${group}: is already the name of a model`] : []),
    ...members
      .filter((member) => !names.includes(member))
      .map((member) => `groups.${group}: there is no model "${member}"${allNames(member, names, "model")}`),
  ]);
}

function sessionChecks(settings: Checked): readonly string[] {
  const { changeHeadersOnEachRequest, batchRequestBufferThrottle } = settings;
  const timeouts = [
    ["idleTimeout", settings.idleTimeout] as const,
    ...Object.entries(settings.models).map(
      ([name, { timeoutIn }]) => [`models.${name}.timeoutIn`, timeoutIn ?? null] as const,
    ),
  ];
  return timeouts.flatMap(([place, timeout]) => {
    if (timeout === null) return [];
    if (!changeHeadersOnEachRequest)
      return [
        `${place}: needs changeHeadersOnEachRequest, because a session that never rotates is never written`,
      ];
    // It would end before its first rotation could be due.
    return timeout > batchRequestBufferThrottle
      ? []
      : [`${place}: must be longer than batchRequestBufferThrottle`];
  });
}

function cookieChecks({ cookieSameSite, cors }: Checked): readonly string[] {
  const isOpen = cookieSameSite === "none" && (cors === false || cors.origins.length === 0);
  return isOpen ? ['cookieSameSite: "none" needs cors.origins, or every site could use the cookie'] : [];
}

// Every request would refuse a default that the allow-list does not have.
function redirectChecks(settings: Checked, production: boolean): readonly string[] {
  const allowlist = createRedirectAllowlist({
    patterns: settings.redirectAllowlist,
    allowLoopback: !production,
  });
  return (
    [
      "defaultConfirmSuccessUrl",
      "defaultPasswordResetUrl",
      "defaultUnlockSuccessUrl",
      "defaultInvitationUrl",
    ] as const
  )
    .filter((name) => settings[name] !== undefined && !allowlist.allows(settings[name]))
    .map((name) => `${name}: is not among the redirectAllowlist`);
}

function productionChecks(settings: Checked): readonly string[] {
  const problems: string[] = [];
  if (!settings.baseUrl.startsWith("https:") && !isLoopbackOrigin(new URL(settings.baseUrl).origin)) {
    problems.push("baseUrl: must begin with https: in production");
  }
  const confirms = Object.values(settings.models).some((one) => one.confirmable !== false);
  if (confirms && settings.mail?.send === undefined && areSecretsNeeded()) {
    problems.push(
      'mail.send: is needed in production, because accounts are confirmed by mail: smtp("smtp://…") from keyturn/mail, or your own function',
    );
  }
  return problems;
}
