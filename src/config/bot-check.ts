import { createRegistry, type ModelsConfig } from "../accounts/models.js";
import type { CheckedBotCheck } from "../features/bot-checks/settings.js";
import type { ActionRoute } from "./overrides.js";
import { areSecretsNeeded } from "./secrets.js";

/** What of `botCheck` would never do anything, and the secret that it lacks. */
export function checkBotCheck(
  botCheck: CheckedBotCheck | undefined,
  models: ModelsConfig,
  routes: readonly ActionRoute[],
): readonly string[] {
  if (!botCheck) return [];
  const { check, for: guarded, afterFirst } = botCheck;
  const all = createRegistry(models, {}).models;
  const has = (action: string): boolean =>
    routes.length === 0 ||
    routes.some(({ name, isFor }) => name === action && all.some((model) => isFor?.(model) !== false));
  const named: readonly string[] = guarded;
  return [
    ...named
      .filter((action) => !has(action))
      .map((action) => `botCheck.for: as the models are configured, none has the action "${action}"`),
    ...Object.keys(afterFirst)
      .filter((action) => !named.includes(action))
      .map((action) => `botCheck.afterFirst.${action}: is not among the actions of botCheck.for`),
    ...(check.missingSecret !== undefined && areSecretsNeeded()
      ? [`botCheck.check: has no secret; write secretKey there, or set the variable ${check.missingSecret}`]
      : []),
  ];
}
