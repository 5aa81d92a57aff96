import { z } from "zod";
import { type ActionName, actionNames } from "../accounts/actions.js";
import { createRegistry, type Model, type ModelsConfig } from "../accounts/models.js";
import type { CheckedOverride, CheckedOverrides } from "../accounts/overrides.js";

/** The part of the configuration that replaces actions, or hands them parameters of the app's own. */

const override = z
  .custom<CheckedOverride>((value) => typeof value === "function", "must be a function")
  .optional();
const ofActions = <Value extends z.ZodType>(value: Value) =>
  z.strictObject(Object.fromEntries(actionNames.map((name) => [name, value])) as Record<ActionName, Value>);

export const overridesSchema = z.record(z.string(), ofActions(override).optional()).default({});

/** Of the actions of one model: the parameters of the app's own. */
export const permittedParametersSchema = ofActions(z.array(z.string().min(1)).optional()).default({});

/** What is asked of a route: its action, which models have it, and the parameters that it takes already. */
export interface ActionRoute {
  readonly name: ActionName;
  /** Below a mount point; none for a route beside the mount points. */
  readonly path?: string;
  readonly isFor?: (model: Model) => boolean;
  readonly input?: (model: Model) => z.ZodObject;
}

/** Overrides of actions that a model does not have, and parameters that are the action's own: neither would ever do anything. */
export function checkActions(
  settings: { readonly overrides: CheckedOverrides; readonly models: ModelsConfig },
  routes: readonly ActionRoute[],
): readonly string[] {
  // What two models share is told by `checkModels`.
  return createRegistry(settings.models, {}).models.flatMap((model) => {
    const own = routes.filter(({ isFor }) => isFor?.(model) !== false);
    const has = (action: string): boolean => routes.length === 0 || own.some(({ name }) => name === action);
    const absent = (place: string, action: string): readonly string[] =>
      has(action) ? [] : [`${place}.${action}: as ${model.name} is configured, it has no such action`];
    const overridden = Object.entries(settings.overrides[model.name] ?? {}).filter(([, one]) => one);
    return [
      ...overridden.flatMap(([action]) => absent(`overrides.${model.name}`, action)),
      ...Object.entries(model.permittedParameters).flatMap(([action, names = []]) => {
        const place = `models.${model.name}.permittedParameters`;
        const taken = own
          .filter(({ name }) => name === action)
          .flatMap(({ input }) => Object.keys(input?.(model).shape ?? {}));
        return [
          ...absent(place, action),
          ...names
            .filter((name) => taken.includes(name))
            .map((name) => `${place}.${action}: "${name}" is a parameter of the action already`),
        ];
      }),
    ];
  });
}
