import { type Providers, providerConflicts } from "../features/omniauthable/providers/resolve.js";
import { allNames } from "./nearest-name.js";
import { areSecretsNeeded } from "./secrets.js";

type Models = Readonly<
  Record<
    string,
    {
      readonly mountAt: string;
      readonly omniauthable?: boolean | readonly string[];
      readonly databaseAuthenticatable?: boolean;
    }
  >
>;
interface Checked {
  readonly providers: Providers;
  readonly baseUrl: string;
  readonly fullHost: string | undefined;
  readonly serverKeys: readonly string[];
  readonly models: Models;
}

/** What of the providers fits neither the models nor the other settings. `routeNames`: first segments of the routes below a mount point. */
export function checkProviders(
  settings: Checked,
  routeNames: readonly string[],
  production: boolean,
): readonly string[] {
  const { providers, models } = settings;
  const names = Object.keys(providers);
  const problems = Object.entries(providers).flatMap(([name, provider]) =>
    providerConflicts(name, provider, {
      production,
      callbackOrigin: new URL(settings.fullHost ?? settings.baseUrl).origin,
      hasServerKeys: settings.serverKeys.length > 0 || !areSecretsNeeded(),
    }),
  );
  const reserved = [...routeNames, "openapi.json"];
  // What the accounts of passwords have as their provider.
  if (names.includes("email"))
    problems.push("providers.email: stands for accounts with a password; call the provider otherwise");
  for (const name of names.filter((one) => reserved.includes(one)))
    problems.push(`providers.${name}: is the name of a route; call the provider otherwise`);
  const isOffered = Object.values(models).some(({ omniauthable = false }) => omniauthable !== false);
  if (names.length > 0 && !isOffered)
    problems.push("providers: no model uses them; add omniauthable: true to a model");
  for (const [modelName, model] of Object.entries(models))
    problems.push(...modelProblems(modelName, model, names));
  return [...problems, ...swallowedProviders(models, names)];
}

function modelProblems(
  modelName: string,
  { omniauthable = false, databaseAuthenticatable = true }: Models[string],
  names: readonly string[],
): readonly string[] {
  const place = `models.${modelName}`;
  const problems: string[] = [];
  if (omniauthable === true && names.length === 0)
    problems.push(
      `${place}.omniauthable: needs providers, such as { github: github() } from keyturn/providers`,
    );
  if (Array.isArray(omniauthable))
    for (const name of omniauthable.filter((one: string) => !names.includes(one)))
      problems.push(
        `${place}.omniauthable: there is no provider "${name}"${allNames(name, names, "provider")}`,
      );
  if (!databaseAuthenticatable && omniauthable === false)
    problems.push(
      `${place}.databaseAuthenticatable: without passwords nobody could sign in; set omniauthable, or take this out`,
    );
  return problems;
}

// A model that is mounted on the place of a provider would take its route away.
function swallowedProviders(models: Models, names: readonly string[]): readonly string[] {
  const all = Object.entries(models);
  return all.flatMap(([name, { mountAt }]) =>
    all
      .filter(
        ([, other]) =>
          mountAt.startsWith(`${other.mountAt}/`) &&
          names.includes(mountAt.slice(other.mountAt.length + 1).split("/")[0] ?? ""),
      )
      .map(
        ([other]) =>
          `models.${name}.mountAt: "${mountAt}" is a provider of ${other}; mount ${name} elsewhere`,
      ),
  );
}
