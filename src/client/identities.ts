import type { IdentityJson } from "../protocol.js";
import { read } from "./account-calls.js";
import { KeyturnError } from "./errors.js";
import type { CallOptions, Client } from "./types.js";

/** Any client, whatever its accounts are like. */
type AnyClient = Pick<Client, "state" | "fetch" | "authUrl">;

/**
 * The identities at providers with which the account can be signed in to.
 *
 * @example
 * for (const { id, provider, email } of await identities(client)) console.log(id, provider, email);
 */
export async function identities(client: AnyClient, options?: CallOptions): Promise<readonly IdentityJson[]> {
  return (await ask(client, "", {}, options)) as readonly IdentityJson[];
}

export interface RemoveIdentityOptions extends CallOptions {
  /** Needed ten minutes after the sign-in: `reauthentication_required` says so. */
  readonly currentPassword?: string | undefined;
}

/** Removes an identity. Rejects with `last_sign_in_method` if nothing else leads into the account. */
export async function removeIdentity(
  client: AnyClient,
  id: string,
  { currentPassword, ...options }: RemoveIdentityOptions = {},
): Promise<void> {
  const body = JSON.stringify({ current_password: currentPassword });
  const headers = { "content-type": "application/json" };
  await ask(client, `/${encodeURIComponent(id)}`, { method: "DELETE", body, headers }, options);
}

/** The `data` of a response. */
async function ask(
  { state, fetch, authUrl }: AnyClient,
  path: string,
  init: RequestInit,
  { signal }: CallOptions = {},
): Promise<unknown> {
  if (state.status === "signed-out") throw new KeyturnError("signed_out");
  const response = await fetch(`${authUrl}/identities${path}`, { ...init, signal: signal ?? null });
  return (await read(response)).account;
}
