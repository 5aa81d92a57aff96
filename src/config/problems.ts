import type { z } from "zod";

/** What a setting was called elsewhere. */
const renamed: Readonly<Record<string, string>> = {
  redirectwhitelist: "redirectAllowlist",
  corsorigins: "cors.origins",
  beforeregister: "beforeCreate",
  afterregister: "afterCreate",
};

const kinds: Readonly<Record<string, string>> = {
  string: "text",
  boolean: "true or false",
  number: "a number",
  int: "a whole number",
  array: "a list",
  object: "an object",
  record: "an object",
  null: "null",
};

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
  /** Of settings that are objects, by the setting. */
  readonly inside: Readonly<Record<string, readonly string[]>>;
}

/** Says what is wrong with a configuration, and what to write instead. */
export function sayIssue(issue: z.core.$ZodIssue, known: KnownNames): readonly string[] {
  const place = issue.path.join(".");
  if (place === "" && issue.code === "invalid_type")
    return ["createAuth takes one object, the configuration"];
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => sayUnknown(key, issue.path, known));
    case "invalid_key":
      return [`${place}: ${issue.issues.map(({ message }) => message).join("; ")}`];
    default:
      return [`${place}: ${issue.input === undefined ? "is missing" : sentence(issue)}`];
  }
}

/** Names each key `__proto__`, wherever it stands: a check of the others passes over it. */
export function sayHiddenKeys(value: unknown, place: readonly string[] = []): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  if (![Object.prototype, Array.prototype, null].includes(Object.getPrototypeOf(value))) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === "__proto__"
      ? [`${[...place, key].join(".")}: is a name that every JavaScript object has already`]
      : sayHiddenKeys(inner, [...place, key]),
  );
}

function sentence(issue: z.core.$ZodIssue): string {
  const choices = choicesOf(issue);
  if (choices.length === 0) return issue.message;
  const value = "input" in issue && typeof issue.input === "string" ? issue.input : "";
  const texts = choices.filter((choice) => choice.startsWith('"')).map((choice) => choice.slice(1, -1));
  return `must be ${choices.join(" or ")}${suggestion(value, texts)}`;
}

/** What would be right, behind "must be"; nothing where the issue's message is a sentence of its own. */
function choicesOf(issue: z.core.$ZodIssue): readonly string[] {
  if (issue.code === "invalid_type") return [kinds[issue.expected] ?? issue.expected];
  if (issue.code === "invalid_value") return issue.values.map((value) => JSON.stringify(value));
  if (issue.code === "custom") {
    const { message = "" } = issue;
    return message.startsWith("must be ") ? [message.replace("must be ", "")] : [];
  }
  if (issue.code === "invalid_union")
    return issue.errors.flatMap((issues) => issues.slice(0, 1).flatMap(choicesOf));
  return [];
}

/** Hooks and actions have names that nobody guesses, so all of them are told. */
function sayUnknown(key: string, path: z.core.$ZodIssue["path"], known: KnownNames): string {
  const place = [...path, key].join(".");
  const names = namesAt(path, known);
  const kind = names === known.hooks ? "hook" : names === known.actions ? "action" : "setting";
  return `${place}: there is no such ${kind}${kind === "setting" ? suggestion(key, names) : allNames(key, names, kind)}`;
}

// zod does not name the keys that an object may have, so the places where they differ are told apart here.
function namesAt(path: z.core.$ZodIssue["path"], known: KnownNames): readonly string[] {
  const [first, , third] = path;
  if (first === undefined) return known.settings;
  if (path.length === 2 && first === "hooks") return known.hooks;
  if (path.length === 2 && first === "overrides") return known.actions;
  if (first !== "models") return path.length === 1 ? (known.inside[String(first)] ?? []) : [];
  if (third === "permittedParameters") return known.actions;
  return third === "fields" ? known.fields : third === "columns" ? known.columns : known.models;
}

/** What stands behind a misspelt name: the one that is nearest, and all that there are. */
export function allNames(key: string, names: readonly string[], kind: string): string {
  return `${suggestion(key, names) || "."} The ${kind}s are: ${names.join(", ")}`;
}

/** `; did you mean …?`, if a name that there is resembles the key. */
export function suggestion(key: string, known: readonly string[]): string {
  const plain = (name: string): string => name.replaceAll(/[_-]/g, "").toLowerCase();
  const close = known
    .map((name) => ({ name, distance: editDistance(plain(key), plain(name)) }))
    .filter(({ distance }) => distance <= Math.max(1, Math.floor(key.length / 4)))
    .toSorted((one, other) => one.distance - other.distance);
  const meant = renamed[plain(key)] ?? close[0]?.name;
  return meant === undefined || key === "" ? "" : `; did you mean ${meant}?`;
}

/** How many letters must be changed, added or left out to make one word of the other (Levenshtein). */
function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...one].entries()) {
    const next = [i + 1];
    for (let j = 0; j < other.length; j++) {
      const replaced = (row[j] ?? 0) + (letter === other[j] ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
