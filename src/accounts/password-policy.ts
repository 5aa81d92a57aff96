import { isCommonPassword } from "./common-passwords.js";

export type PasswordProblem = "blank" | "too_short" | "too_long" | "common";

/**
 * What is wrong with a new password: its length in code points, the list of common passwords, the account's own address. There are
 * no rules of composition. Source: ASVS 6.2, NIST SP 800-63B-4 §3.1.1.2.
 */
export function checkPassword(
  password: unknown,
  policy: { readonly minLength: number; readonly maxLength: number },
  context: { readonly email?: string | undefined },
): PasswordProblem[] {
  if (typeof password !== "string" || password.trim() === "") return ["blank"];
  const problems: PasswordProblem[] = [];
  // A code point is at most two units, so what lies beyond twice the maximum need not be counted.
  const length = [...password.slice(0, 2 * policy.maxLength + 1)].length;
  if (length < policy.minLength) problems.push("too_short");
  if (length > policy.maxLength) problems.push("too_long");
  if (isCommonPassword(password) || isOwnAddress(password, context.email)) problems.push("common");
  return problems;
}

function isOwnAddress(password: string, email = ""): boolean {
  const address = email.toLowerCase();
  return [address, address.slice(0, Math.max(address.lastIndexOf("@"), 0))].includes(
    password.trim().toLowerCase(),
  );
}
