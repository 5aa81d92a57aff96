/** Codes of errors that the server says. `docs/errors.md` explains them; a test compares the list. */
export type ServerErrorCode =
  | "unauthenticated"
  | "invalid_credentials"
  | "invalid_token"
  | "unconfirmed"
  | "locked"
  | "disabled"
  | "not_locked"
  | "already_confirmed"
  | "sign_in_with_get"
  | "not_signed_in"
  | "user_not_found"
  | "account_not_found"
  | "account_in_use"
  | "email_missing"
  | "email_unknown"
  | "redirect_missing"
  | "redirect_refused"
  | "confirm_success_url_missing"
  | "sign_up_empty"
  | "update_empty"
  | "password_unauthorized"
  | "password_missing"
  | "password_not_required"
  | "registration_disabled"
  | "invitation_required"
  | "invitation_invalid"
  | "session_not_found"
  | "access_denied"
  | "interaction_required"
  | "provider_error"
  | "provider_unavailable"
  | "identity_unproven"
  | "state_invalid"
  | "state_used"
  | "browser_mismatch"
  | "email_required"
  | "email_taken"
  | "code_challenge_missing"
  | "omniauth_code_invalid"
  | "reauthentication_required"
  | "identity_taken"
  | "identity_not_found"
  | "last_sign_in_method"
  | "cross_site_refused"
  | "not_found"
  | "method_not_allowed"
  | "malformed_body"
  | "malformed_parameter"
  | "body_too_large"
  | "headers_too_large"
  | "unsupported_media_type"
  | "invalid"
  | "too_many_requests"
  | "bot_check_required"
  | "bot_check_failed"
  | "bot_check_unavailable"
  | "mail_unavailable"
  | "overloaded"
  | "unavailable"
  | "internal"
  | TokenRefusal;

/** Why the server refused a token of its own. */
export type TokenRefusal = "expired" | "late" | "reused" | "ahead" | "forged";

/** What our server says when it does not know a token. Anything else is the app's own business. */
export const refusals = /^(unauthenticated|invalid_token|expired|late|reused|ahead|forged)$/;

/** Codes of errors that the client finds by itself. */
export type ClientErrorCode =
  /** No response: offline, a name that does not resolve, blocked by CORS. A browser does not tell which. */
  | "network"
  /** No response in the time that `timeout` gives. */
  | "timeout"
  /** The response leads to another address, and requests with a token follow no redirect by themselves. */
  | "redirected"
  /** The token was refused, and the body was a stream, which can be sent only once. */
  | "not_replayable"
  /** There is no session, or it ended or changed hands while the request was under way. */
  | "signed_out"
  /** The storage cannot be read at the moment (a locked phone), so nobody knows whether there is a session. */
  | "storage_unreadable"
  /** A client without a page holds no session, because a server has many users. Use `forRequest`. */
  | "no_session_on_server"
  /** The response is not one of Keyturn's: a proxy's page, another server. */
  | "unexpected_response"
  /** The browser did not open the window. Go on with `windowType: "sameWindow"`. */
  | "popup_blocked"
  /** The window was closed before it delivered a session. */
  | "popup_closed"
  /** The provider or the server refused; `cause` is what it said. */
  | "provider_refused";

/** Every code there is, and room for those of a newer server. */
export type KeyturnErrorCode = ServerErrorCode | ClientErrorCode | (string & Record<never, never>);

export interface KeyturnErrorOptions {
  /** HTTP status of the response; 0 without one. */
  readonly status?: number | undefined;
  readonly codes?: Readonly<Record<string, readonly string[]>> | undefined;
  readonly cause?: unknown;
}

const brand = Symbol.for("keyturn.error");

/** The one error of the client. `code` is stable and part of the API; there is no sentence in it to show to people. */
export class KeyturnError extends Error {
  declare readonly code: KeyturnErrorCode;
  /** HTTP status of the response; 0 without one. */
  declare readonly status: number;
  /** For `invalid`: the codes of each field, `{ email: ["taken"] }`. */
  declare readonly codes: Readonly<Record<string, readonly string[]>>;

  constructor(code: KeyturnErrorCode, { status = 0, codes = {}, cause }: KeyturnErrorOptions = {}) {
    // A developer reads this line, so it says what a browser's "Failed to fetch" does not.
    super(code === "network" ? "network, CORS?" : code, { cause });
    Object.assign(this, { name: "KeyturnError", code, status, codes });
  }

  get [brand](): true {
    return true;
  }

  toJSON(): Pick<KeyturnError, "name" | "code" | "status" | "codes"> {
    return { ...this };
  }
}

/** Whether something is a `KeyturnError`, of this copy of the package or of another. */
export function isKeyturnError(error: unknown): error is KeyturnError {
  return Object(error)[brand] === true;
}
