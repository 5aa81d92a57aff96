/**
 * What client and server agree on: names of headers, shapes of responses. Imports nothing, so that the browser client can use it.
 * Source: devise_token_auth's wire format; the names follow RFC 6750 (Bearer tokens).
 */

/** The five parts of a set of credentials, as they travel: one header each. */
export type CredentialField = "access-token" | "token-type" | "client" | "expiry" | "uid";

/** Name of the header that carries each part; `headersNames` changes them. */
export type HeaderNames = Readonly<Record<CredentialField | "authorization", string>>;

/**
 * Header of the mark by which a device is known that has signed in before: 43 letters of base64url. A response that opens a session carries
 * it; the client keeps it, also when it signs out, and shows it at its next sign-in.
 */
export const deviceMarkHeader = "device-mark";

/** A set of credentials as the client holds it. `expiry` is in unix seconds and is advice: the server decides. */
export interface TokenHeaders {
  readonly "access-token": string;
  readonly "token-type": "Bearer";
  readonly client: string;
  readonly expiry: string;
  readonly uid: string;
}

/** What stands in the token and expiry headers of a response that carries no token (`batchResponses: "omit"`). */
export const blankHeader = " ";

/** An account as it is shown to its owner: no secrets; times in ISO 8601. The model's own fields stand beside these. */
export interface UserJson {
  readonly id: number | string;
  readonly provider: string;
  readonly uid: string;
  readonly email: string | null;
  readonly created_at?: string;
  readonly updated_at?: string;
  readonly [field: string]: unknown;
}

/** Messages of a failed validation: per field, and as sentences under `full_messages`. */
export interface ValidationErrors {
  readonly full_messages: readonly string[];
  readonly [field: string]: readonly string[];
}

/** One row of `GET /sessions`. `id` is what the headers call `client`; times in ISO 8601. */
export interface SessionJson {
  readonly id: string;
  readonly current: boolean;
  readonly user_agent: string | null;
  readonly address: string | null;
  readonly label: string | null;
  readonly created_at: string;
  readonly last_seen_at: string;
  readonly expires_at: string;
}

/** One row of `GET /identities`: who the account's owner is at a provider. `uid` is the provider's own id. */
export interface IdentityJson {
  readonly id: string;
  readonly provider: string;
  readonly uid: string;
  readonly name: string | null;
  readonly email: string | null;
  readonly created_at: string;
  readonly last_used_at: string;
}

/**
 * Where the type of an Auth names its models, for the types of clients: `createClient<typeof auth>()`. Nothing stands there at run time. A
 * name and no symbol, so that it is the same in two installed copies.
 */
export interface NamesModels<M> {
  readonly "~models"?: M;
}
