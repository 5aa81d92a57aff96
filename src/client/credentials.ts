import type { CredentialField, HeaderNames } from "../protocol.js";

/** A set of credentials as the client holds it. `uid` is as it stands in the header: bytes, one letter each. */
export interface Credentials {
  readonly token: string;
  readonly client: string;
  /** Unix seconds. Compared only with another `expiry` of the same client, never with a clock. */
  readonly expiry: number;
  readonly uid: string;
}

/** Anything that headers can be read from: a `Response`'s, axios's, those of an XMLHttpRequest. */
export interface ReadableHeaders {
  get(name: string): unknown;
}

/** Names of the five headers, in this order. */
const fields: readonly CredentialField[] = ["access-token", "client", "expiry", "uid", "token-type"];
export type CredentialNames = readonly [
  token: string,
  client: string,
  expiry: string,
  uid: string,
  tokenType: string,
];

/** The names of the headers, with those of the app in their place. */
export function namesOf(given: Partial<HeaderNames> = {}): CredentialNames {
  return fields.map((field) => given[field] ?? field) as unknown as CredentialNames;
}

/**
 * The credentials that a response carries. All five or nothing: a header that is missing, blank, or joined of several (as proxies and
 * native stacks do) makes the whole set worthless, because a token never stands beside somebody else's expiry.
 */
export function readCredentials(headers: ReadableHeaders, names: CredentialNames): Credentials | undefined {
  const values = names.map((name) => String(headers.get(name)).trim());
  const [token, client, expiry, uid] = values as unknown as CredentialNames;
  const isWhole =
    values.every((value) => /^(?!undefined$|null$)[^,]+$/.test(value)) && /^\d{1,15}$/.test(expiry);
  return isWhole ? { token, client, expiry: +expiry, uid } : undefined;
}

/** The headers of a request. */
export function credentialHeaders(
  held: Credentials | undefined,
  [token, client, , uid]: CredentialNames,
): Record<string, string> {
  return held ? { [token]: held.token, [client]: held.client, [uid]: held.uid } : {};
}

/** A uid that did not come in a header, as a header carries it: UTF-8, one letter a byte (RFC 9110 §5.5). */
export function headerText(text: string): string {
  // The two together are the usual way to UTF-8 without TextEncoder, which not every React Native has (ECMA-262, annex B.2.1).
  return unescape(encodeURIComponent(text));
}
