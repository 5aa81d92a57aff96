import { z } from "zod";
import { parseUrl } from "../parse-url.js";
import { parseDuration } from "./duration.js";
import type { Duration } from "./setting.js";

export interface CorsSettings {
  /** Origins of the front ends, exactly: `["https://app.example.com", "capacitor://localhost"]`. Outside production every loopback origin is allowed too. Default: none. */
  readonly origins?: readonly string[];
  /** Response headers of your own that front ends may read, beside the credentials. Default: none. */
  readonly exposedHeaders?: readonly string[];
  /** The only request headers, beside the credentials, that front ends may send. Default: whatever they ask for. */
  readonly allowedHeaders?: readonly string[];
  /** How long browsers remember the response to a preflight. Default `"2h"`. */
  readonly maxAge?: Duration;
}

/** Scheme and host in lower case, a port only if it is not the scheme's own, and nothing else (RFC 6454 §6.2). */
const appOrigin = /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@*,A-Z]*$/;

/** Whether a text is an origin as browsers send it: `https://app.example.com`, `capacitor://localhost`, `app://obsidian.md`. */
function isOrigin(value: string): boolean {
  if (/^(https?|wss?|ftp):/i.test(value)) return parseUrl(value)?.origin === value;
  return appOrigin.test(value);
}

const origin = z.string().refine(isOrigin, {
  error: 'must be an origin without a path, such as "https://app.example.com" or "capacitor://localhost"',
});
const headerName = z
  .string()
  .regex(/^[a-z0-9!#$%&'+.^_`|~-]+$/i, "must be a header name (RFC 9110 §5.1)")
  .transform((name) => name.toLowerCase());
const seconds = z.unknown().transform((value, context) => {
  const milliseconds = parseDuration(value);
  if (milliseconds !== undefined) return Math.floor(milliseconds / 1000);
  context.addIssue('must be a duration, such as "10m" or "2h"');
  return z.NEVER;
});

const fields = z.strictObject({
  origins: z.array(origin).default([]),
  exposedHeaders: z.array(headerName).default([]),
  allowedHeaders: z.array(headerName).optional(),
  maxAge: seconds.prefault("2h"),
});

/** Names of what `cors` may say. */
export const corsKeys: readonly string[] = Object.keys(fields.shape);

/** The setting `cors`, checked and with its defaults. `false`: the app does it itself. */
export type CheckedCors = false | z.output<typeof fields>;

/** No union of both: its message would not name the field that is wrong. */
export const corsSchema = z
  .unknown()
  .transform((value, context): CheckedCors => {
    if (value === false) return false;
    const parsed = fields.safeParse(value, { reportInput: true });
    if (parsed.success) return parsed.data;
    context.issues.push(...parsed.error.issues.map((issue) => ({ ...issue }) as z.core.$ZodRawIssue));
    return z.NEVER;
  })
  .prefault({});
