import type { SslOptions } from "mysql2";

/** The parameter of a URL, with its value. */
export const sslMode = /(?<=[?&])ssl-mode=([^&#]*)&?/i;

/**
 * What a URL's `ssl-mode` asks for, in the words of MySQL's own clients (its manual, "Command Options for Encrypted Connections").
 * mysql2 knows only `ssl`, and would send everything in clear. Throws a TypeError over what is none of these words.
 */
export function sslOf(url: string): SslOptions | undefined {
  const mode = sslMode.exec(url)?.[1]?.toUpperCase();
  switch (mode) {
    case undefined:
    case "DISABLED":
    case "PREFERRED":
      return undefined;
    case "REQUIRED":
      return { rejectUnauthorized: false };
    case "VERIFY_CA":
      return { rejectUnauthorized: true };
    case "VERIFY_IDENTITY":
      return { rejectUnauthorized: true, verifyIdentity: true };
    default:
      throw new TypeError(
        "The ssl-mode of a mysql:// URL is DISABLED, PREFERRED, REQUIRED, VERIFY_CA or VERIFY_IDENTITY",
      );
  }
}
