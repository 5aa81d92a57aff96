import { z } from "zod";
import { parseDuration } from "./duration.js";

/**
 * A setting, described once: what it takes (`Input`), what it becomes (`Output`), how it is checked, its default, and whether a line
 * of text can say it. The JSDoc above a setting is its documentation, in editors and in `docs/configuration.md`.
 */
export interface Setting<Input, Output> {
  readonly schema: z.ZodType<Output>;
  /** How a `KEYTURN_…` variable says it: as JSON or plain text, or as a list with commas. `undefined`: no variable can. */
  readonly variable: "value" | "list" | undefined;
  /** How `keyturn config` shows it: milliseconds as a duration, secrets not at all. Default: as it is. */
  readonly look?: "duration" | "secret";
  /** Only for the types. */
  readonly input?: Input;
}

type Described = Readonly<Record<string, Setting<unknown, unknown>>>;

/** What a configuration may say, each setting with its documentation. */
export type InputOf<D extends Described> = {
  readonly [Name in keyof D]?: D[Name] extends Setting<infer Input, unknown> ? Input : never;
};

/** The settings with their defaults filled in. */
export type OutputOf<D extends Described> = {
  readonly [Name in keyof D]: D[Name] extends Setting<unknown, infer Output> ? Output : never;
};

/** `"250ms"`, `"5s"`, `"10m"`, `"2h"`, `"14d"`, `"2w"`, or a number of milliseconds. */
export type Duration = string | number;

const milliseconds = z.unknown().transform((value, context) => {
  const read = parseDuration(value);
  if (read !== undefined) return read;
  context.addIssue('must be a duration, such as "5s", "10m", "2h", "14d", "2w" or a number of milliseconds');
  return z.NEVER;
});

/** A duration. It becomes milliseconds. `least`: the shortest, in milliseconds. */
export function duration(byDefault: string, least = 0): Setting<Duration, number> {
  const schema = milliseconds.refine((value) => value >= least, shortest(least)).prefault(byDefault);
  return { schema, variable: "value", look: "duration" };
}

/** A duration, or none. It becomes milliseconds, or `null`. */
export function optionalDuration(): Setting<Duration | null, number | null> {
  const schema = milliseconds.refine((value) => value > 0, shortest(1));
  return { schema: z.union([z.null(), schema]).default(null), variable: "value", look: "duration" };
}

/** A duration of a model's own in the place of one of the settings; `null`: none at all, `undefined`: that of the settings. */
export function ownDuration(): Setting<Duration | null, number | null | undefined> {
  const schema = milliseconds.refine((value) => value > 0, shortest(1));
  return { schema: z.union([z.null(), schema]).optional(), variable: undefined };
}

function shortest(least: number): string {
  return least >= 1000 ? "must be at least a second" : "must be longer than nothing";
}

export function flag(byDefault: boolean): Setting<boolean, boolean> {
  return { schema: z.boolean().default(byDefault), variable: "value" };
}

export function choice<const Value extends string | false>(
  values: readonly Value[],
  byDefault: NoInfer<Value>,
): Setting<Value, Value> {
  return { schema: z.literal(values).default(byDefault) as z.ZodType<Value>, variable: "value" };
}

/** A whole number. */
export function count(byDefault: number, schema: z.ZodType<number>): Setting<number, number> {
  return { schema: schema.default(byDefault), variable: "value" };
}

/** A text, or none. */
export function optionalText(
  schema: z.ZodType<string> = z.string().min(1),
): Setting<string, string | undefined> {
  return { schema: schema.optional(), variable: "value" };
}

/** A list of texts; empty by default. */
export function list(item: z.ZodType<string>): Setting<readonly string[], readonly string[]> {
  return { schema: z.array(item).default([]), variable: "list" };
}

/** A setting that nobody is shown. */
export function secret<Input, Output>(one: Setting<Input, Output>): Setting<Input, Output> {
  return { ...one, look: "secret" };
}

/** A function of the app's own, or none. */
export function callback<Function>(): Setting<Function, Function | undefined> {
  const schema = z.custom<Function>((value) => typeof value === "function", "must be a function");
  return { schema: schema.optional(), variable: undefined };
}

/** Any other setting. */
export function setting<Input, Output>(
  schema: z.ZodType<Output>,
  variable: Setting<Input, Output>["variable"] = "value",
): Setting<Input, Output> {
  return { schema, variable };
}

/** The checks of settings by their names. */
export function schemasOf<D extends Described>(
  described: D,
): { readonly [Name in keyof D]: D[Name]["schema"] } {
  const schemas = Object.entries(described).map(([name, { schema }]) => [name, schema]);
  return Object.fromEntries(schemas);
}
