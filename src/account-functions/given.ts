import type { Model } from "../accounts/models.js";
import { AuthError } from "../errors.js";
import type { Runtime } from "../http/runtime.js";
import type { LinkOptions } from "./accounts.js";

/** What the functions make of what they are given. */

/** Throws a TypeError for a name that is no field: a misspelt one would be dropped without a word. */
export function fieldsOf(
  model: Model,
  values: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  for (const name of Object.keys(values))
    if (!model.fields.some((field) => field.name === name))
      throw new TypeError(
        name === "password"
          ? "A password is set by auth.accounts.setPassword"
          : `"${name}" is no field of models.${model.name}`,
      );
  return values;
}

/** Throws an AuthError `redirect_refused`. */
export function targetOf(
  { services }: Pick<Runtime, "services">,
  { redirectUrl }: LinkOptions,
  byDefault: string | undefined,
): string | undefined {
  if (redirectUrl !== undefined && !services.redirects.allows(redirectUrl))
    throw new AuthError("redirect_refused", { subject: redirectUrl });
  return redirectUrl ?? byDefault;
}
