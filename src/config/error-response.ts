import type { ActionName } from "../accounts/actions.js";

/**
 * Decides what the body of an error looks like, for every error that Keyturn responds with. Status and headers stay Keyturn's.
 *
 * @example Problem details (RFC 9457)
 * errorResponse: ({ code, status, messages, body }) => ({
 *   type: "application/problem+json",
 *   body: { ...body, type: `https://example.com/problems/${code}`, title: messages[0], status },
 * })
 */
export type ErrorResponse = (error: ErrorGiven) => ErrorShown;

/** An error, as it is about to be sent. */
export interface ErrorGiven {
  /** As in the usual body: `"invalid_credentials"`, `"not_found"`. */
  readonly code: string;
  readonly status: number;
  /** Name of the model; `null` where none is known, or several are. */
  readonly model: string | null;
  /** The action that refuses, `"authenticate"` on the app's own routes, `null` where there is no action. */
  readonly action: ActionName | "authenticate" | null;
  /** Whole sentences, in the language of the response. */
  readonly messages: readonly string[];
  /** What is wrong with which field, for `invalid`; `message` is what stands behind the field's name. */
  readonly problems: Readonly<Record<string, readonly { readonly code: string; readonly message: string }[]>>;
  /** Seconds until the same request would pass; `null` where that is not known. */
  readonly retryAfter: number | null;
  /** The usual body. The client of Keyturn reads `code` and `codes` of it. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface ErrorShown {
  readonly body: object;
  /** `application/json`, or a type that ends with `+json`. Default: `application/json`. */
  readonly type?: string;
}
