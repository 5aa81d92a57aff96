import { z } from "zod";
import type { CheckedHooks, Hook } from "../accounts/hooks.js";

/** The part of the configuration that takes part in the auth routes. */

const hook = z.custom<Hook>((value) => typeof value === "function", "must be a function").optional();

export const hooksSchema = z
  .record(
    z.string(),
    z
      .strictObject({
        answer: hook,
        beforeRegister: hook,
        beforeUpdate: hook,
        afterRegister: hook,
        afterSignIn: hook,
        afterDelete: hook,
      })
      .optional(),
  )
  .default({});

/** Hooks of models that there are not. */
export function checkHooks(
  hooks: CheckedHooks,
  models: Readonly<Record<string, unknown>>,
): readonly string[] {
  return Object.keys(hooks)
    .filter((name) => !Object.hasOwn(models, name))
    .map((name) => `hooks.${name}: there is no model "${name}"`);
}
