import { isKeyturnError } from "keyturn/client";

const texts: Readonly<Record<string, string>> = {
  invalid_credentials: "Address or password is wrong.",
  unconfirmed: "The password was right, the address is not confirmed yet.",
  locked: "This account is locked. A mail says how to unlock it.",
  disabled: "This account is disabled.",
  email_unknown: "There is no account with this address.",
  password_unauthorized: "The link was used already, or is too old.",
  already_confirmed: "The address is confirmed already.",
  last_sign_in_method: "Nobody could sign in to the account any more.",
  too_many_requests: "There were too many tries. Wait a minute.",
  mail_unavailable: "The mail could not be sent. Try again in a moment.",
  network: "The server does not respond.",
  signed_out: "The session has ended. Sign in again.",
  popup_closed: "The window was closed before the sign-in was done.",
  provider_refused: "The provider refused the sign-in.",
  access_denied: "You declined at the provider.",
  email_taken: "An account with this address exists. Sign in to it first.",
  provider_unavailable: "The provider is not available right now.",
};

const fieldTexts: Readonly<Record<string, string>> = {
  blank: "must not be empty",
  taken: "belongs to an account already",
  invalid: "is not right",
  not_an_email: "is not an address",
  mismatch: "are not the same",
  too_common: "is too easy to guess",
  breached: "was found in a list of stolen passwords",
  too_short: "is too short",
  too_long: "is too long",
};

/** What went wrong, in sentences. */
export function messagesOf(error: unknown): readonly string[] {
  if (!isKeyturnError(error)) return [String((error as { readonly message?: unknown })?.message ?? error)];
  const fields = Object.entries(error.codes).flatMap(([field, codes]) =>
    codes.map((code) => `${labelOf(field)} ${fieldTexts[code] ?? code.replaceAll("_", " ")}.`),
  );
  if (fields.length > 0) return fields;
  const cause = typeof error.cause === "string" ? error.cause : undefined;
  return [
    texts[cause ?? ""] ?? texts[error.code] ?? `This did not work: ${error.code.replaceAll("_", " ")}.`,
  ];
}

/** The sentence for the code of a provider's refusal. */
export function refusalText(code: string): string {
  return texts[code] ?? `The sign-in did not work: ${code.replaceAll("_", " ")}.`;
}

const labels: Readonly<Record<string, string>> = {
  email: "E-mail",
  password: "Password",
  password_confirmation: "The two passwords",
};

/** A field's name as a label: `zip_code` becomes "Zip code". */
export function labelOf(name: string): string {
  const words = name.replaceAll("_", " ");
  return labels[name] ?? words.charAt(0).toUpperCase() + words.slice(1);
}
