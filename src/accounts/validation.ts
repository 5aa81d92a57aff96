import { AuthError, type Problem, type Problems } from "../errors.js";
import { fieldKeysOf, longestKey } from "./authentication-keys.js";
import { normaliseEmail } from "./email-address.js";
import { readKey } from "./key-reading.js";
import type { Field, Model } from "./models.js";
import { checkPassword, type PasswordProblem } from "./password-policy.js";

/** The error about one value. */
export function invalid(field: string, code: string): AuthError {
  return new AuthError("invalid", { problems: new Map([[field, [{ code }]]]) });
}

/** Collects what is wrong, so that a client is told everything at once. */
export interface Checks {
  add(field: string, problem: Problem): void;
  /** Throws AuthError `invalid` if anything was added; otherwise returns the values, of which none is missing. */
  done<T extends object>(values: T): { readonly [K in keyof T]: Exclude<T[K], undefined> };
}

export function startChecks(): Checks {
  const problems = new Map<string, Problem[]>();
  return {
    add(field, problem) {
      const list = problems.get(field);
      if (list) list.push(problem);
      else problems.set(field, [problem]);
    },
    done(values) {
      if (problems.size > 0) throw new AuthError("invalid", { problems: problems satisfies Problems });
      return values as { [K in keyof typeof values]: Exclude<(typeof values)[K], undefined> };
    },
  };
}

/** The address in its one spelling; `undefined` after saying what is wrong with it. */
export function checkEmail(value: unknown, checks: Checks): string | undefined {
  const result = normaliseEmail(value);
  if (result.ok) return result.email;
  checks.add("email", { code: result.problem === "blank" ? "blank" : "not_an_email" });
  return undefined;
}

export interface PasswordRules {
  readonly passwordMinLength: number;
  readonly passwordMaxLength: number;
}

/** The new password; `undefined` after saying what is wrong with it. A confirmation that was not sent, or is null, is not missed. */
export function checkNewPassword(
  value: unknown,
  confirmation: unknown,
  rules: PasswordRules,
  email: string | null | undefined,
  checks: Checks,
): string | undefined {
  const policy = { minLength: rules.passwordMinLength, maxLength: rules.passwordMaxLength };
  const problems = checkPassword(value, policy, email ? { email } : {});
  // That a short password is also a common one helps nobody.
  const [first] = problems;
  if (first !== undefined) checks.add("password", passwordProblem(first, rules));
  if (confirmation !== undefined && confirmation !== null && confirmation !== value)
    checks.add("password_confirmation", { code: "mismatch" });
  return problems.length === 0 && typeof value === "string" ? value : undefined;
}

function passwordProblem(problem: PasswordProblem, rules: PasswordRules): Problem {
  if (problem === "too_short") return { code: "too_short", count: rules.passwordMinLength };
  if (problem === "too_long") return { code: "too_long", count: rules.passwordMaxLength };
  return { code: problem === "blank" ? "blank" : "too_common" };
}

/**
 * The model's own fields among the values that a client sent, by their types; of the app's own code also those that clients cannot write. `null` empties a field, and so does a blank where
 * the field is not a text, as forms send their untouched parts.
 */
export function checkFields(
  model: Model,
  values: Readonly<Record<string, unknown>>,
  use: "sign_up" | "account_update",
  checks: Checks,
  by: "client" | "app" = "client",
): Readonly<Record<string, unknown>> {
  const accepted: Record<string, unknown> = {};
  for (const field of model.fields) {
    const isWritable = use === "sign_up" ? field.onSignUp : field.onAccountUpdate;
    if (by === "client" && !isWritable) continue;
    const value = values[field.name];
    const isMissing = value === undefined || value === null || value === "";
    if (field.required && isMissing && (use === "sign_up" || value !== undefined))
      checks.add(field.name, { code: "blank" });
    if (value === undefined) continue;
    const read = castField(field, value);
    if (read === undefined) checks.add(field.name, { code: "invalid" });
    else if (typeof read === "string" && lengthOf(read) > field.maxLength)
      checks.add(field.name, { code: "too_long", count: field.maxLength });
    else accepted[field.name] = read;
  }
  return readKeys(model, accepted, checks);
}

/** The same fields, those that accounts are named by as they are shown. Says what is wrong with them. */
function readKeys(model: Model, fields: Readonly<Record<string, unknown>>, checks: Checks) {
  const read: Record<string, unknown> = { ...fields };
  for (const key of fieldKeysOf(model)) {
    const value = fields[key.name];
    if (typeof value !== "string") continue;
    const reading = readKey(key, value);
    if (reading.ok) read[key.name] = reading.shown;
    else if (reading.problem === "blank") {
      read[key.name] = null;
      if (value !== "" && model.fields.some(({ name, required }) => name === key.name && required))
        checks.add(key.name, { code: "blank" });
    } else if (reading.problem === "too_long") checks.add(key.name, { code: "too_long", count: longestKey });
    else checks.add(key.name, { code: "invalid" });
  }
  return read;
}

/** Whether a field can hold a value of the server's own code: of its very type, and not too long. */
export function fitsField(field: Field, value: unknown): boolean {
  if (typeof value === "string" && lengthOf(value) > field.maxLength) return false;
  return value === null || (value !== undefined && castField(field, value) === value);
}

// The spellings that ActiveModel::Type::Boolean takes for one of the two; whatever else is refused.
const trueTexts: ReadonlySet<string> = new Set(["1", "t", "true", "on"]);
const falseTexts: ReadonlySet<string> = new Set(["0", "f", "false", "off"]);

/**
 * What a client's value means for a field: `null` for an empty one, `undefined` for a value that the field cannot hold. Forms and
 * query strings carry text only, so numbers and booleans are read from text too.
 */
export function castField({ type }: Field, value: unknown): string | number | boolean | null | undefined {
  if (value === null) return null;
  if (type === "string") return castText(value);
  if (typeof value === "string" && value.trim() === "") return null;
  if (type === "boolean") {
    const text = String(value).trim().toLowerCase();
    return trueTexts.has(text) ? true : falseTexts.has(text) ? false : undefined;
  }
  // Number() also reads `0x10` and `0b11`.
  const number = typeof value === "string" && isDecimal.test(value) ? Number(value) : value;
  if (typeof number !== "number" || !Number.isFinite(number)) return undefined;
  return type === "number" || Number.isSafeInteger(number) ? number : undefined;
}

const isDecimal = /^\s*[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?\s*$/i;
const loneSurrogate = /\p{Surrogate}/u;

// A database's text cannot hold a zero byte. Half of a surrogate pair, as a text that was cut has it, would be stored as U+FFFD.
function castText(value: unknown): string | undefined {
  const text = typeof value === "number" ? String(value) : value;
  return typeof text === "string" && !text.includes("\0") && !loneSurrogate.test(text) ? text : undefined;
}

function lengthOf(text: string): number {
  return [...text].length;
}
