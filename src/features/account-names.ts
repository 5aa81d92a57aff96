import {
  type AuthenticationKey,
  fieldKeysOf,
  type KeyKind,
  kindOf,
} from "../accounts/authentication-keys.js";
import { normaliseEmail } from "../accounts/email-address.js";
import { readKey } from "../accounts/key-reading.js";
import type { Model } from "../accounts/models.js";
import type { Checks } from "../accounts/validation.js";
import type { AccountRecord } from "../database/account-port.js";
import type { Services } from "./services.js";

/** What a sign-in names the account by. */
export interface AccountName {
  readonly kind: KeyKind;
  /** `undefined`: the model has no key of this kind, so there is no such account. */
  readonly key: AuthenticationKey | undefined;
  /** As it was typed. */
  readonly text: string;
}

/** Takes any of a model's keys, where it has others than the address. */
export const anyKey = "login";

/** What a request names an account by: the first of the model's keys that it has, or any of them as `login`, where the form tells which. */
export function accountName(
  model: Model,
  param: (name: string) => string | undefined,
): AccountName | undefined {
  const { authenticationKeys: keys } = model;
  for (const key of keys) {
    const text = key.name === anyKey ? undefined : param(key.name);
    if (text !== undefined) return { kind: key.kind, key, text };
  }
  const text = hasFieldKeys(model) ? param(anyKey) : undefined;
  if (text === undefined) return undefined;
  const kind = kindOf(text);
  return { kind, key: keys.find((key) => key.kind === kind), text };
}

/** Finds the account of a name; nothing for one that can be nobody's. */
export async function findNamed(
  { store: { accounts } }: Services,
  model: Model,
  { key, text }: AccountName,
): Promise<AccountRecord | undefined> {
  if (key === undefined) return undefined;
  if (key.kind === "email") {
    const read = normaliseEmail(text);
    return read.ok ? accounts.findByEmail(model, read.email) : undefined;
  }
  const read = readKey(key, text);
  return read.ok ? accounts.findByKey(model, key, read.key) : undefined;
}

/** How a name is called where guesses at its account are counted, whether or not there is one. Equal names are called alike. */
export function countedName({ kind, key, text }: AccountName): string {
  if (kind === "email") {
    const read = normaliseEmail(text);
    return read.ok ? read.email : text.slice(0, 255);
  }
  const read = key?.kind === "name" || key?.kind === "phone" ? readKey(key, text) : undefined;
  return `${kind} ${read?.ok ? read.key : text.slice(0, 255)}`;
}

export function hasFieldKeys(model: Model): boolean {
  return model.authenticationKeys.some(({ kind }) => kind !== "email");
}

/** Other accounts of the model that have one of these names, each with the field. `of`: the id of the account whose fields they are. */
export async function holdersOfNames(
  { store }: Services,
  model: Model,
  fields: Readonly<Record<string, unknown>>,
  of?: number | string,
): Promise<readonly { readonly field: string; readonly record: AccountRecord }[]> {
  const holders: { readonly field: string; readonly record: AccountRecord }[] = [];
  for (const key of fieldKeysOf(model)) {
    const value = fields[key.name];
    const read = typeof value === "string" ? readKey(key, value) : undefined;
    const record = read?.ok ? await store.accounts.findByKey(model, key, read.key) : undefined;
    if (record && String(record.account.id) !== String(of)) holders.push({ field: key.name, record });
  }
  return holders;
}

/** Says which of the names another account has. */
export async function checkNamesAreFree(
  services: Services,
  model: Model,
  fields: Readonly<Record<string, unknown>>,
  of: number | string,
  checks: Checks,
): Promise<void> {
  for (const { field } of await holdersOfNames(services, model, fields, of))
    checks.add(field, { code: "taken" });
}
