import type { ValidationErrors } from "../protocol.js";
import { normaliseEmail } from "./email-address.js";
import type { Field, Model } from "./models.js";
import { checkPassword, type PasswordProblem } from "./passwords.js";

/** Messages per field; empty when everything is right. */
export type Problems = ReadonlyMap<string, readonly string[]>;

/** Thrown when values that a client sent are not acceptable. */
export class ValidationFailure extends Error {
  override readonly name: string = "ValidationFailure";
  readonly problems: Problems;

  constructor(problems: Problems) {
    super("Some values are not acceptable");
    this.problems = problems;
  }
}

/** A failure about one value. */
export function validationFailure(field: string, message: string): ValidationFailure {
  return new ValidationFailure(new Map([[field, [message]]]));
}

/** Collects what is wrong, so that a client is told everything at once. */
export interface Checks {
  add(field: string, message: string): void;
  /** Throws a ValidationFailure if anything was added; otherwise the values, of which none is missing. */
  done<T extends object>(values: T): { readonly [K in keyof T]: Exclude<T[K], undefined> };
}

export function startChecks(): Checks {
  const problems = new Map<string, string[]>();
  return {
    add(field, message) {
      const messages = problems.get(field);
      if (messages) messages.push(message);
      else problems.set(field, [message]);
    },
    done(values) {
      if (problems.size > 0) throw new ValidationFailure(problems);
      return values as { [K in keyof typeof values]: Exclude<(typeof values)[K], undefined> };
    },
  };
}

/** Where messages stand that are about no single field. */
const aboutNoField = "base";

/** The messages as they go over the wire: per field, and as whole sentences. */
export function toValidationErrors(problems: Problems): ValidationErrors {
  const sentences = [...problems].flatMap(([field, messages]) =>
    messages.map((message) => (field === aboutNoField ? message : `${inWords(field)} ${message}`)),
  );
  return { ...Object.fromEntries(problems), full_messages: sentences };
}

export const messages = {
  blank: "can't be blank",
  taken: "has already been taken",
  invalid: "is invalid",
  notAnEmail: "is not an email",
  mismatch: "doesn't match Password",
  common: "is too common to be safe",
  breached: "is known from a data breach",
  tooShort: (least: number) => `is too short (minimum is ${least} characters)`,
  tooLong: (most: number) => `is too long (maximum is ${most} characters)`,
};

/** The address in its one spelling; `undefined` after saying what is wrong with it. */
export function checkEmail(value: unknown, checks: Checks): string | undefined {
  const result = normaliseEmail(value);
  if (result.ok) return result.email;
  checks.add("email", result.problem === "blank" ? messages.blank : messages.notAnEmail);
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
  if (first !== undefined) checks.add("password", passwordMessage(first, rules));
  if (confirmation !== undefined && confirmation !== null && confirmation !== value)
    checks.add("password_confirmation", messages.mismatch);
  return problems.length === 0 && typeof value === "string" ? value : undefined;
}

function passwordMessage(problem: PasswordProblem, rules: PasswordRules): string {
  if (problem === "too_short") return messages.tooShort(rules.passwordMinLength);
  if (problem === "too_long") return messages.tooLong(rules.passwordMaxLength);
  return problem === "blank" ? messages.blank : messages.common;
}

/** The model's own fields among the values, as their types say. `null` empties a field. */
export function checkFields(
  model: Model,
  values: Readonly<Record<string, unknown>>,
  use: "sign_up" | "account_update",
  checks: Checks,
): Readonly<Record<string, unknown>> {
  const accepted: Record<string, unknown> = {};
  for (const field of model.fields) {
    if (use === "sign_up" ? !field.onSignUp : !field.onAccountUpdate) continue;
    const value = values[field.name];
    const missing = value === undefined || value === null || value === "";
    if (field.required && missing && (use === "sign_up" || value !== undefined))
      checks.add(field.name, messages.blank);
    if (value === undefined) continue;
    const read = value === null ? null : readField(field, value);
    if (read === undefined) checks.add(field.name, messages.invalid);
    else if (typeof read === "string" && lengthOf(read) > field.maxLength)
      checks.add(field.name, messages.tooLong(field.maxLength));
    else accepted[field.name] = read;
  }
  return accepted;
}

/** Whether a field can hold a value of the server's own: of its very type, and not too long. */
export function fitsField(field: Field, value: unknown): boolean {
  if (typeof value === "string" && lengthOf(value) > field.maxLength) return false;
  return value === null || (value !== undefined && readField(field, value) === value);
}

/** What a client's value means for a field; `undefined`: nothing. Forms and query strings carry text only, so a number or a truth value may come as text. */
export function readField({ type }: Field, value: unknown): string | number | boolean | undefined {
  if (type === "string") return typeof value === "string" && !value.includes("\0") ? value : undefined;
  if (type === "boolean")
    return value === true || value === "true"
      ? true
      : value === false || value === "false"
        ? false
        : undefined;
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof number !== "number" || !Number.isFinite(number)) return undefined;
  return type === "number" || Number.isSafeInteger(number) ? number : undefined;
}

function lengthOf(text: string): number {
  return [...text].length;
}

function inWords(field: string): string {
  const words = field.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
