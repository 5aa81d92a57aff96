import { dictionary } from "@zxcvbn-ts/language-common";

let known: ReadonlySet<string> | undefined;

/**
 * Whether a password is one of the 49,000 that people choose most, in whatever case: the ones that are tried first. Offline; the
 * list is that of zxcvbn-ts (MIT), as new as the installed package. Source: ASVS 6.2.4, NIST SP 800-63B-4 §3.1.1.2.
 */
export function isCommonPassword(password: string): boolean {
  // Made at the first question, not at import: only sign-up and password changes ask. The list is in lower case.
  // Short entries stay in, since the minimum length is a setting.
  known ??= new Set(dictionary["passwords-common"]);
  return known.has(password.toLowerCase());
}
