import type { z } from "zod";
import { suggestion } from "./nearest-name.js";
import { type KnownNames, sayUnknown, sayWithoutModel } from "./unknown-names.js";

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

/** What an object of that setting looks like, for whoever gave something else. */
const examples: Readonly<Record<string, string>> = {
  models: '{ user: { mountAt: "/auth" } }',
  providers: "{ github: github() }",
  groups: '{ member: ["user", "admin"] }',
};

/** Says what is wrong with a configuration, and what to write instead. */
export function sayIssue(issue: z.core.$ZodIssue, known: KnownNames, config: unknown): readonly string[] {
  const place = issue.path.join(".");
  if (place === "" && issue.code === "invalid_type")
    return ["createAuth takes one object, the configuration"];
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => sayUnknown(key, issue.path, known, config));
    case "invalid_key":
      return [`${place}: ${issue.issues.map(({ message }) => message).join("; ")}`];
    case "invalid_union": {
      // Of an object it is told what is wrong inside, and not what else it might have been.
      const inner = issue.errors.find((issues) => issues.some(isInside));
      if (inner && typeof issue.input === "object")
        return inner.flatMap((one) =>
          sayIssue({ ...one, path: [...issue.path, ...one.path] }, known, config),
        );
    }
  }
  const withoutModel = sayWithoutModel(issue.path, known, config);
  return [`${place}: ${withoutModel ?? (issue.input === undefined ? "is missing" : sentence(issue))}`];
}

function isInside({ code, path }: z.core.$ZodIssue): boolean {
  return path.length > 0 || code === "unrecognized_keys";
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
  const example = choices.includes("an object") ? examples[issue.path.join(".")] : undefined;
  const such = example === undefined ? "" : `, such as ${example}`;
  return `must be ${choices.join(" or ")}${such}${suggestion(value, texts)}`;
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
