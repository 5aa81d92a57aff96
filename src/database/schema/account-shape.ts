import type { ColumnForm } from "./column-form.js";

/** How an account's id, which sessions keep as text, is compared with the column. */
export interface AccountId {
  readonly kind: "number" | "uuid" | "text";
  /** Whether a new account needs one of ours. */
  readonly isMissing: boolean;
  /** How the column compares texts, where it is not as ours do. */
  readonly comparedAs: { readonly charset: string; readonly collation: string } | undefined;
}

/** What statements have to know about a model's table, which may be the app's own. */
export interface AccountShape {
  readonly id: AccountId;
  /** How each of the model's columns holds its values, by its name. */
  readonly forms: ReadonlyMap<string, ColumnForm>;
  /** The columns of an index of the table. */
  columnsOf(index: string): readonly string[];
}
