import type { AuthError, Problem, Problems } from "../errors.js";
import { fill, type Texts } from "../texts/texts.js";

/** What the body of every error has, whatever else a route adds. */
export interface StandardErrorBody extends Readonly<Record<string, unknown>> {
  readonly errors: readonly string[] | Readonly<Record<string, readonly string[]>>;
  readonly code: string;
}

/**
 * An error as JSON, the one place where it is made: `errors` in words, `code`, and for a failed validation `codes` by field.
 * `extra`: what the body of this route's errors carries beside them.
 */
export function errorBody(
  error: AuthError,
  texts: Texts,
  extra: Readonly<Record<string, unknown>> = { success: false },
): StandardErrorBody {
  const code = error.reason ?? error.code;
  if (error.code !== "invalid") {
    const sentence = fill(texts.errors[error.code], { subject: error.subject });
    return { ...extra, errors: [sentence], code };
  }
  return { ...extra, errors: validationErrors(error.problems, texts), code, codes: codesOf(error.problems) };
}

/** Each field's problems, with the words that stand behind the field's name. */
export function problemsInWords(
  problems: Problems,
  texts: Texts,
): Readonly<Record<string, readonly { readonly code: string; readonly message: string }[]>> {
  const inWords = [...problems].map(
    ([field, list]) =>
      [field, list.map((problem) => ({ code: problem.code, message: sentence(problem, texts) }))] as const,
  );
  return Object.fromEntries(inWords);
}

/** The problems in words: per field, and as whole sentences under `full_messages`. */
function validationErrors(problems: Problems, texts: Texts): Readonly<Record<string, readonly string[]>> {
  const inWords = [...problems].map(
    ([field, list]) => [field, list.map((problem) => sentence(problem, texts))] as const,
  );
  const full = inWords.flatMap(([field, list]) =>
    list.map((message) => (field === "base" ? message : `${fieldInWords(field)} ${message}`)),
  );
  return { ...Object.fromEntries(inWords), full_messages: full };
}

function codesOf(problems: Problems): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries([...problems].map(([field, list]) => [field, list.map(({ code }) => code)]));
}

function sentence({ code, count, message }: Problem, texts: Texts): string {
  if (message !== undefined) return message;
  const known = Object.hasOwn(texts.problems, code) ? code : "invalid";
  return fill(texts.problems[known as keyof Texts["problems"]], { count });
}

function fieldInWords(field: string): string {
  const words = field.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
