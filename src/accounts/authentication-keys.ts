/**
 * What an account can be named by at sign-in: its e-mail address, a name, a phone number. A model has at most one of each kind, and no value
 * is of two kinds, so that none names two accounts.
 */

/** What the values of a key look like: a name has a letter and no @, a phone number has no letter. */
export type KeyKind = "email" | "name" | "phone";

/** A field of the model that accounts are named by. */
export interface AuthenticationKeyConfig {
  /** The field. It has to be a `string`. */
  readonly field: string;
  /** Default `"name"`. */
  readonly as?: "name" | "phone" | undefined;
  /** For phone numbers: whose numbers those without a country code are, such as `"DE"` (ISO 3166-1). Default: they are refused. */
  readonly country?: string | undefined;
  /** Name of the column in which the value stands as it is compared. Default: the field's column with `_key`. */
  readonly column?: string | undefined;
}

/** `"email"`, the name of a field, or a field with what its values are. */
export type AuthenticationKeysConfig = readonly (string | AuthenticationKeyConfig)[];

export interface EmailKey {
  readonly kind: "email";
  readonly name: "email";
}

export interface FieldKey {
  readonly kind: "name" | "phone";
  /** The field, and the parameter of a sign-in. */
  readonly name: string;
  /** The column in which the value stands as it is compared. */
  readonly column: string;
  readonly country: string | undefined;
}

export type AuthenticationKey = EmailKey | FieldKey;

/** The most characters of a value as it is compared: an index of MySQL takes no more than 768. */
export const longestKey = 255;

const emailKey: EmailKey = { kind: "email", name: "email" };

/** Fills in the defaults. `columnOf`: the column of a field. */
export function authenticationKeysOf(
  given: AuthenticationKeysConfig | undefined,
  columnOf: (field: string) => string,
): readonly AuthenticationKey[] {
  return (given ?? ["email"]).map((one) => {
    if (one === emailKey.name) return emailKey;
    const { field, as = "name", country, column } = typeof one === "string" ? { field: one } : one;
    return { kind: as, name: field, column: column ?? `${columnOf(field)}_key`, country };
  });
}

/** The keys that are fields of the model. */
export function fieldKeysOf({
  authenticationKeys,
}: {
  readonly authenticationKeys: readonly AuthenticationKey[];
}): readonly FieldKey[] {
  return authenticationKeys.filter((key) => key.kind !== "email");
}

/** What of a model's keys somebody who types one value into one form has typed. */
export function kindOf(value: string): KeyKind {
  const plain = value.normalize("NFKC");
  if (plain.includes("@")) return "email";
  return /\p{L}/u.test(plain) ? "name" : "phone";
}
