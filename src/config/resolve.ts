import { z } from "zod";
import type { CheckedHooks } from "../accounts/hooks.js";
import type { GroupsConfig, ModelsConfig } from "../accounts/models.js";
import { ConfigError } from "../errors.js";
import { featureSettings } from "../features/settings.js";
import type { AuthConfig } from "./config.js";
import { coreSettings } from "./core-settings.js";
import { corsKeys } from "./cors.js";
import { checkHooks, hooksSchema } from "./hooks.js";
import { languageSettings } from "./language-settings.js";
import { checkLanguages } from "./languages.js";
import { checkMail, mailKeys } from "./mail-settings.js";
import { checkModels, columnKeys, fieldKeys, modelKeys, modelName, modelSchema } from "./models.js";
import { type KnownNames, sayHiddenKeys, sayIssue } from "./problems.js";
import { checkProviders } from "./providers.js";
import { createRedirectAllowlist, isLoopbackOrigin } from "./redirect-allowlist.js";
import { type OutputOf, schemasOf } from "./setting.js";

/** The configuration with every default filled in; durations in milliseconds. */
export interface ResolvedSettings
  extends OutputOf<typeof coreSettings>,
    OutputOf<typeof languageSettings>,
    OutputOf<typeof featureSettings> {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly production: boolean;
  readonly hooks: CheckedHooks;
}

const described = { ...coreSettings, ...languageSettings, ...featureSettings };

const baseUrl = z
  .string()
  .refine(isHttpUrl, 'must be an absolute URL, such as "https://api.example.com"')
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
  ...schemasOf(described),
});

/** Names of all settings. */
export const settingNames: readonly string[] = Object.keys(schema.shape);
const knownNames: KnownNames = {
  settings: settingNames,
  models: modelKeys,
  fields: fieldKeys,
  columns: columnKeys,
  inside: { cors: corsKeys, mail: mailKeys },
};

/** How `KEYTURN_…` variables say the settings that a line of text can say. */
export const variableSettings: ReadonlyMap<string, "value" | "list"> = new Map([
  ["baseUrl", "value"],
  ...Object.entries(described).flatMap(([name, { variable }]) =>
    variable === undefined ? [] : [[name, variable] as const],
  ),
]);

/**
 * Checks the whole configuration and fills in the defaults. Throws a ConfigError with all mistakes at once. `routeNames`: the first
 * segments of the routes below a mount point.
 */
export function resolveConfig<M extends ModelsConfig, G extends GroupsConfig<M>>(
  config: AuthConfig<M, G>,
  routeNames: readonly string[] = [],
): ResolvedSettings {
  const parsed = schema.safeParse(config, { reportInput: true });
  const hidden = sayHiddenKeys(config);
  if (!parsed.success || hidden.length > 0) {
    const said = (parsed.error?.issues ?? []).flatMap((issue) => sayIssue(issue, knownNames));
    const isSaid = (problem: string): boolean => said.some((one) => placeOf(one) === placeOf(problem));
    throw new ConfigError([...said, ...hidden.filter((problem) => !isSaid(problem))]);
  }
  const settings = parsed.data as Checked;
  const production = (settings.environment ?? process.env["NODE_ENV"]) === "production";
  const problems = [
    ...crossChecks(settings, routeNames),
    ...redirectChecks(settings, production),
    ...checkProviders(settings, routeNames, production),
    ...(production ? productionChecks(settings) : []),
  ];
  if (problems.length > 0) throw new ConfigError(problems);
  return { ...settings, production };
}

function placeOf(problem: string): string {
  return problem.slice(0, problem.indexOf(":"));
}

type Checked = Omit<ResolvedSettings, "production"> & {
  readonly models: z.output<typeof models>;
  readonly groups: z.output<typeof groups>;
};

// What no single setting can tell.
function crossChecks(settings: Checked, routeNames: readonly string[]): readonly string[] {
  const problems = [
    ...checkModels(settings.models, routeNames),
    ...checkHooks(settings.hooks, settings.models),
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
  if (settings.idleTimeout !== null && !settings.changeHeadersOnEachRequest) {
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
  return (["defaultConfirmSuccessUrl", "defaultPasswordResetUrl", "defaultUnlockSuccessUrl"] as const)
    .filter((name) => settings[name] !== undefined && !allowlist.allows(settings[name]))
    .map((name) => `${name}: is not among the redirectAllowlist`);
}

function productionChecks(settings: Checked): readonly string[] {
  const problems: string[] = [];
  if (!settings.baseUrl.startsWith("https:") && !isLoopbackOrigin(new URL(settings.baseUrl).origin)) {
    problems.push("baseUrl: must begin with https: in production");
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
