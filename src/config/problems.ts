import type { z } from "zod";

/** What a setting was called elsewhere. */
const renamed: Readonly<Record<string, string>> = { redirectwhitelist: "redirectAllowlist" };

const kinds: Readonly<Record<string, string>> = {
  string: "text",
  boolean: "true or false",
  number: "a number",
  int: "a whole number",
  array: "a list",
  object: "an object",
  record: "an object",
};

/** Says what is wrong with a configuration, and what to write instead. `known`: the names that settings may have. */
export function sayIssue(issue: z.core.$ZodIssue, known: readonly string[]): readonly string[] {
  const place = issue.path.join(".");
  if (place === "" && issue.code === "invalid_type")
    return ["createAuth takes one object, the configuration"];
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map(
        (key) => `${[...issue.path, key].join(".")}: there is no such setting${suggestion(key, known)}`,
      );
    case "invalid_key":
      return [`${place}: ${issue.issues.map(({ message }) => message).join("; ")}`];
    default:
      return [`${place}: ${issue.input === undefined ? "is missing" : (wanted(issue) ?? issue.message)}`];
  }
}

function wanted(issue: z.core.$ZodIssue): string | undefined {
  const choices = choicesOf(issue);
  return choices.length === 0 ? undefined : `has to be ${choices.join(" or ")}`;
}

function choicesOf(issue: z.core.$ZodIssue): readonly string[] {
  if (issue.code === "invalid_type") return [kinds[issue.expected] ?? issue.expected];
  if (issue.code === "invalid_value") return issue.values.map((value) => JSON.stringify(value));
  if (issue.code === "custom") return [(issue.message ?? "").replace(/^has to be /, "")];
  if (issue.code === "invalid_union")
    return issue.errors.flatMap((issues) => issues.slice(0, 1).flatMap(choicesOf));
  return [];
}

function suggestion(key: string, known: readonly string[]): string {
  const plain = (name: string): string => name.replaceAll("_", "").toLowerCase();
  const meant = renamed[plain(key)] ?? known.find((name) => plain(name) === plain(key));
  return meant === undefined ? "" : `; did you mean ${meant}?`;
}
