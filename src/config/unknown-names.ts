import { allNames, isSameName, nearOrAll, suggestion } from "./nearest-name.js";

/** The names that there are, by the place where they stand. */
export interface KnownNames {
  readonly settings: readonly string[];
  /** Of a model's settings. */
  readonly models: readonly string[];
  /** Of what a model says of a field. */
  readonly fields: readonly string[];
  /** Of a model's columns. */
  readonly columns: readonly string[];
  readonly hooks: readonly string[];
  readonly actions: readonly string[];
  /** Of settings that are objects, by their place: `mail`, `mail.colors`. */
  readonly inside: Readonly<Record<string, readonly string[]>>;
  /** Of what each limit of `rateLimitRules` says. */
  readonly limit: readonly string[];
}

type Path = readonly PropertyKey[];

/** Says that a name is not known where it stands: where it belongs, or which one is meant. `config`: the whole of what was given. */
export function sayUnknown(key: string, path: Path, known: KnownNames, config: unknown): string {
  const place = [...path, key].join(".");
  const misplaced = sayMisplaced(key, path, known, config);
  if (misplaced !== undefined) return `${place}: ${misplaced}`;
  const { names, kind } = namesAt(path, known);
  if (kind === "hook" || kind === "action" || kind === "limit")
    return `${place}: there is no such ${kind}${allNames(key, names, kind)}`;
  return `${place}: there is no such ${kind}${nearOrAll(key, names, kind) || elsewhere(key, path, known, config)}`;
}

/** For a value where names of models are expected, or `undefined`: `hooks.beforeCreate`, `models.mountAt`. */
export function sayWithoutModel(path: Path, known: KnownNames, config: unknown): string | undefined {
  const [first, second] = path.map(String);
  if (path.length !== 2 || first === undefined || second === undefined) return undefined;
  const names = { hooks: known.hooks, overrides: known.actions, models: known.models }[first];
  return names?.includes(second)
    ? `stands by model; write it as ${first}.${modelIn(config)}.${second}`
    : undefined;
}

/** Places where a name may stand: what it is written as there. */
interface Home {
  readonly names: readonly string[];
  readonly prefix: string;
}

function homes(path: Path, known: KnownNames, config: unknown): readonly Home[] {
  const isOfModel = ["models", "hooks", "overrides"].includes(String(path[0])) && path[1] !== undefined;
  const model = isOfModel ? String(path[1]) : modelIn(config);
  return [
    { names: known.settings, prefix: "" },
    { names: known.models, prefix: `models.${model}.` },
    { names: known.hooks, prefix: `hooks.${model}.` },
    { names: known.actions, prefix: `overrides.${model}.` },
    ...Object.entries(known.inside).map(([place, names]) => ({ names, prefix: `${place}.` })),
    // Words such as email and id, which elsewhere need not mean a column.
    ...(isOfModel ? [{ names: known.columns, prefix: `models.${model}.columns.` }] : []),
  ];
}

function sayMisplaced(key: string, path: Path, known: KnownNames, config: unknown): string | undefined {
  if (path.length === 0) {
    const value: unknown =
      typeof config === "object" && config !== null ? Reflect.get(config, key) : undefined;
    if (has(value, "mountAt")) return `looks like a model; write it as models.${key}`;
    if (has(value, "acceptedIssuers")) return `is a provider; write it as providers.${key}`;
  }
  const { names: own, kind } = namesAt(path, known);
  // A column's name resembles one of its own kind before it means a setting.
  if (kind === "column" || own.some((name) => isSameName(name, key))) return undefined;
  const found = homes(path, known, config).flatMap(({ names, prefix }) =>
    names.filter((name) => isSameName(name, key)).map((name) => prefix + name),
  );
  return found.length === 0 ? undefined : `does not belong here; write it as ${found.join(" or ")}`;
}

// A name that is nearly one of another place.
function elsewhere(key: string, path: Path, known: KnownNames, config: unknown): string {
  for (const { names, prefix } of homes(path, known, config)) {
    const near = suggestion(key, names);
    if (near !== "") return near.replace("; did you mean ", `; did you mean ${prefix}`);
  }
  return "";
}

// zod does not name the keys that an object may have, so the places where they differ are told apart here.
function namesAt(
  path: Path,
  known: KnownNames,
): { readonly names: readonly string[]; readonly kind: string } {
  const [first, , third] = path.map(String);
  if (first === undefined) return { names: known.settings, kind: "setting" };
  if (path.length === 2 && first === "hooks") return { names: known.hooks, kind: "hook" };
  if (path.length === 2 && first === "overrides") return { names: known.actions, kind: "action" };
  if (first === "rateLimitRules")
    return path.length === 1
      ? { names: known.inside[first] ?? [], kind: "limit" }
      : { names: known.limit, kind: "setting" };
  if (first !== "models") return { names: known.inside[path.join(".")] ?? [], kind: "setting" };
  if (third === "permittedParameters") return { names: known.actions, kind: "action" };
  if (third === "columns") return { names: known.columns, kind: "column" };
  return { names: third === "fields" ? known.fields : known.models, kind: "setting" };
}

/** The first of the models, or the usual name of one. */
function modelIn(config: unknown): string {
  const models: unknown =
    typeof config === "object" && config !== null ? Reflect.get(config, "models") : undefined;
  if (typeof models !== "object" || models === null) return "user";
  return Object.entries(models).find(([, one]) => has(one, "mountAt"))?.[0] ?? "user";
}

function has(value: unknown, key: string): boolean {
  return typeof value === "object" && value !== null && key in value;
}
