import type { AccountList, AccountState } from "../account-functions/accounts.js";
import type { AccountBase, ModelConfig } from "../accounts/models.js";

type Shown = AccountState & { readonly account: AccountBase };

/** An account in a line: "user 7, ada@example.com (confirmed)". */
export function sayAccount(model: string, { account, ...state }: Shown): string {
  return `${model} ${account.id}, ${plain(account.email ?? account.uid)} (${sayState(state)})`;
}

/** A page of accounts as a table, with what the next page takes. */
export function sayList({ accounts, total, next }: AccountList<ModelConfig>): string {
  const rows = accounts.map(({ account, ...state }) => [
    String(account.id),
    plain(account.email ?? `${account.provider} ${account.uid}`),
    sayState(state),
    account.created_at,
  ]);
  const all = [["id", "account", "state", "created"], ...rows];
  const widths = [0, 1, 2].map((i) => Math.max(...all.map((row) => row[i]?.length ?? 0)));
  const lines = all.map((row) => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  "));
  const more = next === undefined ? "" : ` The next page: --after ${next}`;
  return [...(rows.length > 0 ? lines : []), `${rows.length} of ${total}.${more}`].join("\n");
}

function sayState({ confirmedAt, lockedAt, disabledAt }: AccountState): string {
  const words = [confirmedAt === null ? "not confirmed" : "confirmed"];
  if (lockedAt !== null) words.push("locked");
  if (disabledAt !== null) words.push("disabled");
  return words.join(", ");
}

/** What somebody else has written could move the cursor of the terminal. */
export function plain(text: string): string {
  return text.replace(/\p{Cc}/gu, "�");
}
