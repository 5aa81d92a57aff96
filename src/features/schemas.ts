import { z } from "zod";
import type { Field, Model } from "../accounts/models.js";

/** The shapes that the routes share, for the OpenAPI description. */

const fieldTypes = {
  string: z.string(),
  integer: z.int(),
  number: z.number(),
  boolean: z.boolean(),
} as const;

/** The user JSON. Hooks may show other members, so that none is excluded. */
export function userSchema(model: Model): z.ZodType {
  return z.looseObject({
    id: z.union([z.number(), z.string()]).optional(),
    provider: z.string().optional(),
    uid: z.string().optional(),
    email: z.string().nullable().optional(),
    ...fieldSchemas(model.fields, (schema) => schema.nullable()),
    created_at: z.iso.datetime().optional(),
    updated_at: z.iso.datetime().optional(),
  });
}

/** The model's own fields that a route takes. */
export function fieldSchemas(
  fields: readonly Field[],
  wrap: (schema: z.ZodType) => z.ZodType = (schema) => schema,
): Record<string, z.ZodType> {
  return Object.fromEntries(
    fields.map(({ name, type, required, maxLength }) => {
      const schema = type === "string" ? z.string().max(maxLength) : fieldTypes[type];
      return [name, required ? wrap(schema) : wrap(schema).optional()];
    }),
  );
}

export const email = z.string().meta({ format: "email" });
export const password = z.string().meta({ format: "password" });
export const url = z.string().meta({ format: "uri" });
/** The name of a client's configuration: links and templates of mails carry it, so it is a plain word. */
export const plainName = /^[A-Za-z0-9_.-]{1,64}$/;
export const configName = z.string().regex(plainName).optional();

/** `{ success: true }`, with what else a route says. */
export function success(shape: Readonly<Record<string, z.ZodType>> = {}): z.ZodObject {
  return z.object({ success: z.literal(true), ...shape });
}

/** `{ status: "success" }`, with what else a route says. */
export function statusSuccess(shape: Readonly<Record<string, z.ZodType>>): z.ZodObject {
  return z.object({ status: z.literal("success"), ...shape });
}
