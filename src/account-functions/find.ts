import type { Account, AccountBase, Model } from "../accounts/models.js";
import { AuthError } from "../errors.js";
import type { Services } from "../features/services.js";
import type { Runtime } from "../http/runtime.js";

/** An account, or its id. */
export type AccountRef = number | bigint | string | Pick<AccountBase, "id">;

/** Opens the runtime, or returns the open one. */
export type OpenRuntime = () => Promise<Runtime>;

/** The opened parts with one of the models. Throws a TypeError for a name that the configuration does not have. */
export async function openModel(
  open: OpenRuntime,
  name: string,
): Promise<Runtime & { readonly model: Model }> {
  const runtime = await open();
  return { ...runtime, model: runtime.registry.model(name) };
}

/** Throws a TypeError for what can be no id at all. */
export async function findAccount(
  { store }: Services,
  model: Model,
  ref: AccountRef,
): Promise<Account | undefined> {
  // The store knows what an id of the model's table looks like, and finds nothing for another.
  return (await store.accounts.find(model, idOf(ref)))?.account;
}

/** The same for what needs an account. Throws an AuthError `account_not_found`. */
export async function needAccount(services: Services, model: Model, ref: AccountRef): Promise<Account> {
  const account = await findAccount(services, model, ref);
  if (!account) throw new AuthError("account_not_found");
  return account;
}

/** The id as text. Throws a TypeError for what can be no id at all, such as an object without one. */
export function idOf(ref: AccountRef): string {
  const id: unknown = typeof ref === "object" && ref !== null ? ref.id : ref;
  if (typeof id === "string" || typeof id === "bigint") return String(id);
  if (typeof id === "number" && Number.isSafeInteger(id)) return String(id);
  throw new TypeError(
    'An account is named by its id, a whole number, a bigint or a text, or by an object such as { id: "…" }. Numbers past 2^53 have to be texts or bigints',
  );
}
