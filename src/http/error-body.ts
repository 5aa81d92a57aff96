import type { AuthError, Problem, Problems } from "../errors.js";
import { type Language, labelOf } from "../texts/language.js";
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
  language: Language,
  extra: Readonly<Record<string, unknown>> = { success: false },
): StandardErrorBody {
  const code = error.reason ?? error.code;
  if (error.code !== "invalid") {
    const sentence = fill(language.texts.errors[error.code], { subject: error.subject });
    return { ...extra, errors: [sentence], code };
  }
  return {
    ...extra,
    errors: validationErrors(error.problems, language),
    code,
    codes: codesOf(error.problems),
  };
}

/** Each field's problems, with the words that stand behind the field's name. */
export function problemsInWords(
  problems: Problems,
  language: Language,
): Readonly<Record<string, readonly { readonly code: string; readonly message: string }[]>> {
  const inWords = [...problems].map(
    ([field, list]) =>
      [
        field,
        list.map((problem) => ({ code: problem.code, message: shortText(problem, language) })),
      ] as const,
  );
  return Object.fromEntries(inWords);
}

/** The problems in words: per field in short, and as whole sentences under `full_messages`. */
function validationErrors(
  problems: Problems,
  language: Language,
): Readonly<Record<string, readonly string[]>> {
  const short = [...problems].map(
    ([field, list]) => [field, list.map((problem) => shortText(problem, language))] as const,
  );
  const whole = [...problems].flatMap(([field, list]) =>
    list.map((problem) => wholeSentence(field, problem, language)),
  );
  return { ...Object.fromEntries(short), full_messages: whole };
}

function codesOf(problems: Problems): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries([...problems].map(([field, list]) => [field, list.map(({ code }) => code)]));
}

function shortText({ code, count, message }: Problem, { texts, refusals }: Language): string {
  const own = Object.hasOwn(refusals, code) ? refusals[code] : undefined;
  if (own) return fill(own.short, { count });
  return message ?? fill(texts.problems[knownCode(code, texts)], { count });
}

// Each language has its own place for the label: glued together, it would be wrong in most of them.
function wholeSentence(field: string, problem: Problem, language: Language): string {
  const { code, count } = problem;
  const { texts, refusals } = language;
  const short = shortText(problem, language);
  if (field === "base") return short;
  const label = labelOf(language, field);
  const own = Object.hasOwn(refusals, code) ? refusals[code] : undefined;
  if (own) return fill(own.whole, { field: label, count });
  const known = knownCode(code, texts);
  return problem.message === undefined && known !== "invalid_values"
    ? fill(texts.sentences[known], { field: label, count })
    : fill(texts.sentences.own, { field: label, message: short });
}

function knownCode(code: string, { problems }: Texts): keyof Texts["problems"] {
  return Object.hasOwn(problems, code) ? (code as keyof Texts["problems"]) : "invalid";
}
