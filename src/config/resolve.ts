import { z } from "zod";
import { actionNames } from "../accounts/actions.js";
import type { CheckedHooks } from "../accounts/hooks.js";
import type { GroupsConfig, ModelsConfig } from "../accounts/models.js";
import type { CheckedOverrides } from "../accounts/overrides.js";
import { ConfigError } from "../errors.js";
import { auditLogKeys } from "../features/audit-log/settings.js";
import { botCheckKeys } from "../features/bot-checks/settings.js";
import { featureSettings } from "../features/settings.js";
import { parseWebUrl } from "../parse-url.js";
import { checkBotCheck } from "./bot-check.js";
import type { AuthConfig } from "./config.js";
import { coreSettings } from "./core-settings.js";
import { corsKeys } from "./cors.js";
import { checkModelNames, hookNames, hooksSchema } from "./hooks.js";
import { languageSettings } from "./language-settings.js";
import { checkLanguages } from "./languages.js";
import { checkMail, mailKeys } from "./mail-settings.js";
import { checkModels, columnKeys, fieldKeys, modelKeys, modelName, modelSchema } from "./models.js";
import { type ActionRoute, checkActions, overridesSchema } from "./overrides.js";
import { type KnownNames, sayHiddenKeys, sayIssue } from "./problems.js";
import { checkProviders } from "./providers.js";
import { createRedirectAllowlist, isLoopbackOrigin } from "./redirect-allowlist.js";
import { areSecretsNeeded } from "./secrets.js";
import { type OutputOf, type Setting, schemasOf } from "./setting.js";

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
  inside: { cors: corsKeys, mail: mailKeys, botCheck: botCheckKeys, auditLog: auditLogKeys },
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
  const hidden = [...sayHiddenKeys(config), ...checkModelNames(config)];
  if (!parsed.success || hidden.length > 0) {
    const said = (parsed.error?.issues ?? []).flatMap((issue) => sayIssue(issue, knownNames));
    const isSaid = (problem: string): boolean => said.some((one) => placeOf(one) === placeOf(problem));
    throw new ConfigError([...said, ...hidden.filter((problem) => !isSaid(problem))]);
  }
  const settings = parsed.data as Checked;
  const environment = settings.environment ?? process.env["NODE_ENV"] ?? "development";
  const production = environment === "production";
  const problems = [
    ...crossChecks(settings, routeNames),
    ...checkActions({ overrides: settings.overrides, models: config.models }, routes),
    ...checkBotCheck(settings.botCheck, config.models, routes),
    ...redirectChecks(settings, production),
    ...checkProviders(settings, routeNames, production),
    ...(production ? productionChecks(settings) : []),
  ];
  if (problems.length > 0) throw new ConfigError(problems);
  return { ...settings, production, development: environment === "development" };
}

function placeOf(problem: string): string {
  return problem.slice(0, problem.indexOf(":"));
}

type Checked = Omit<ResolvedSettings, "production" | "development"> & {
  readonly models: z.output<typeof models>;
  readonly groups: z.output<typeof groups>;
};

// What no single setting can tell.
function crossChecks(settings: Checked, routeNames: readonly string[]): readonly string[] {
  const problems = [
    ...checkModels(settings.models, routeNames),
    ...checkLanguages(settings),
    ...checkMail(settings.mail),
  ];
  for (const [group, members] of Object.entries(settings.groups)) {
    if (Object.hasOwn(settings.models, group))
      problems.push(`groups.${group}: is already the name of a model`);
    for (const member of members) {
      if (!Object.hasOwn(settings.models, member))
        problems.push(`groups.${group}: there is no model "${member}"`);
    }
  }
  const timeouts = [
    ["idleTimeout", settings.idleTimeout] as const,
    ...Object.entries(settings.models).map(
      ([name, { timeoutIn }]) => [`models.${name}.timeoutIn`, timeoutIn ?? null] as const,
    ),
  ];
  for (const [place, timeout] of timeouts) {
    if (timeout === null) continue;
    if (!settings.changeHeadersOnEachRequest)
      problems.push(
        `${place}: needs changeHeadersOnEachRequest, because a session that never rotates is never written`,
      );
    // It would end before its first rotation could be due.
    else if (timeout <= settings.batchRequestBufferThrottle)
      problems.push(`${place}: must be longer than batchRequestBufferThrottle`);
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
