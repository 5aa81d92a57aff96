/** What the store holds: SHA-256 of a generation's secret, base64url. It opens nothing. */
export type TokenHash = string & { readonly TokenHash: unique symbol };
