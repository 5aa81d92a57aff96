import type { z } from "zod";

const unread = Symbol("a setting that is wrong");

/**
 * What can be read of a configuration that has mistakes, so that those which no single setting can tell are told with the others. A name
 * that is not known is passed over. `settings` throws where a setting is read that is wrong, or that a misspelt one was meant for (`meant`):
 * see `told`.
 */
export function readable(
  shape: Readonly<Record<string, z.ZodType>>,
  config: unknown,
  issues: readonly z.core.$ZodIssue[],
  meant: readonly string[],
): { readonly settings: object; readonly config: Readonly<Record<string, unknown>> } {
  const known = issues.reduce(withoutUnknown, config);
  const given = isObject(known) ? known : {};
  const right = Object.entries(shape).flatMap(([name, schema]) => {
    const parsed = schema.safeParse(given[name]);
    return parsed.success && !meant.includes(name) ? [[name, parsed.data] as const] : [];
  });
  const settings = new Proxy(Object.fromEntries(right), {
    get(target, name) {
      if (typeof name === "string" && Object.hasOwn(shape, name) && !Object.hasOwn(target, name))
        throw unread;
      return Reflect.get(target, name);
    },
  });
  return { settings, config: given };
}

/** What checks tell. One that needs a setting which is wrong has to wait until it is right. */
export function told(checks: readonly (() => readonly string[])[]): readonly string[] {
  return checks.flatMap((check) => {
    try {
      return check();
    } catch (error) {
      if (error === unread) return [];
      throw error;
    }
  });
}

function withoutUnknown(config: unknown, issue: z.core.$ZodIssue): unknown {
  return issue.code === "unrecognized_keys" ? without(config, issue.path, issue.keys) : config;
}

/** A copy of what lies on the path, without the keys at its end. */
function without(value: unknown, path: readonly PropertyKey[], keys: readonly string[]): unknown {
  if (!isObject(value)) return value;
  const [next, ...rest] = path;
  if (next === undefined)
    return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)));
  return { ...value, [next]: without(value[String(next)], rest, keys) };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
