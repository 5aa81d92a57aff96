/** What a column of Keyturn's holds. */
export type ColumnKind = "id" | "text" | "hash" | "moment" | "confirmation" | "count" | "address";

/** A setting of a model that asks for columns. */
export type FeatureOfColumns = "trackable" | "lockable" | "disableable";

/** A column that Keyturn needs in an accounts table. */
export interface ListedColumn {
  /** What `models.<model>.columns` calls it. */
  readonly key: string;
  /** What it is called in the table, unless the configuration says otherwise. */
  readonly name: string;
  readonly kind: ColumnKind;
  /** The most characters that a text in it has. */
  readonly length?: number;
  /** Under this name the account's owner sees it. Others stay on the server. */
  readonly shownAs?: string;
  /** Whether a table that Keyturn creates refuses null in it. */
  readonly isRequired?: boolean;
  /**
   * What the rows of a table that exists get when the column is added: a text, which later rows get too, or the moment of the
   * migration. Default: nothing.
   */
  readonly existingRows?: "now" | { readonly text: string };
  /** The setting of a model that asks for the column. Default: every model has it. */
  readonly when?: FeatureOfColumns;
}

/**
 * Every column that Keyturn needs in an accounts table, in the order of a new table; a model's own fields stand before the last two.
 * The names that `columns` of a model takes, its types and checks, the migrations and `keyturn migrate --check` follow from this list.
 * A feature that needs columns adds them here, with `when`.
 */
export const accountColumnList = [
  { key: "id", name: "id", kind: "id", shownAs: "id", isRequired: true },
  {
    key: "provider",
    name: "provider",
    kind: "text",
    length: 64,
    shownAs: "provider",
    isRequired: true,
    existingRows: { text: "email" },
  },
  { key: "uid", name: "uid", kind: "text", length: 255, shownAs: "uid", isRequired: true },
  { key: "email", name: "email", kind: "text", length: 255, shownAs: "email" },
  { key: "passwordHash", name: "password_hash", kind: "hash", length: 255 },
  // Accounts of a time before anybody had to confirm could sign in, and still can.
  { key: "confirmedAt", name: "confirmed_at", kind: "confirmation", existingRows: "now" },
  { key: "signInCount", name: "sign_in_count", kind: "count", when: "trackable" },
  { key: "currentSignInAt", name: "current_sign_in_at", kind: "moment", when: "trackable" },
  { key: "lastSignInAt", name: "last_sign_in_at", kind: "moment", when: "trackable" },
  { key: "currentSignInIp", name: "current_sign_in_ip", kind: "address", length: 64, when: "trackable" },
  { key: "lastSignInIp", name: "last_sign_in_ip", kind: "address", length: 64, when: "trackable" },
  { key: "failedAttempts", name: "failed_attempts", kind: "count", when: "lockable" },
  { key: "lockedAt", name: "locked_at", kind: "moment", when: "lockable" },
  { key: "disabledAt", name: "disabled_at", kind: "moment", when: "disableable" },
  {
    key: "createdAt",
    name: "created_at",
    kind: "moment",
    shownAs: "created_at",
    isRequired: true,
    existingRows: "now",
  },
  {
    key: "updatedAt",
    name: "updated_at",
    kind: "moment",
    shownAs: "updated_at",
    isRequired: true,
    existingRows: "now",
  },
] as const satisfies readonly ListedColumn[];

export type ColumnKey = (typeof accountColumnList)[number]["key"];

/** What Keyturn's columns of an accounts table are called there. */
export type ColumnNames = { readonly [K in ColumnKey]: string };

/** The names of all columns: Keyturn's own where the configuration does not say otherwise. */
export function columnsOf(given: { readonly [K in ColumnKey]?: string | undefined } = {}): ColumnNames {
  return Object.fromEntries(
    accountColumnList.map(({ key, name }) => [key, given[key] ?? name]),
  ) as unknown as ColumnNames;
}

/** The columns that a model needs: those of every model, and those of the features that it asks for. */
export function columnsFor(
  model: {
    readonly [Feature in FeatureOfColumns]?: boolean | undefined;
  },
): readonly (ListedColumn & { readonly key: ColumnKey })[] {
  const list: readonly (ListedColumn & { readonly key: ColumnKey })[] = accountColumnList;
  return list.filter(({ when }) => when === undefined || model[when] === true);
}
