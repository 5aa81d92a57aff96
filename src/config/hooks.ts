import { z } from "zod";
import type { Hook } from "../accounts/hooks.js";
import { allNames } from "./nearest-name.js";

/** The part of the configuration that takes part in the auth routes. */

const hook = z.custom<Hook>((value) => typeof value === "function", "must be a function").optional();
const modelHooks = z.strictObject({
  answer: hook,
  beforeCreate: hook,
  beforeUpdate: hook,
  afterCreate: hook,
  afterSignIn: hook,
  afterDelete: hook,
});

/** Names of the hooks. */
export const hookNames: readonly string[] = Object.keys(modelHooks.shape);

export const hooksSchema = z.record(z.string(), modelHooks.optional()).default({});

/** Hooks and overrides of models that there are not, told beside whatever else is wrong. */
export function checkModelNames(config: unknown): readonly string[] {
  const models = Object.keys(objectIn(config, "models"));
  return ["hooks", "overrides"].flatMap((setting) =>
    Object.keys(objectIn(config, setting))
      .filter((name) => name !== "__proto__" && !models.includes(name))
      .map((name) => `${setting}.${name}: there is no model "${name}"${allNames(name, models, "model")}`),
  );
}

function objectIn(value: unknown, key: string): object {
  const inner: unknown = typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
  return typeof inner === "object" && inner !== null && !Array.isArray(inner) ? inner : {};
}
