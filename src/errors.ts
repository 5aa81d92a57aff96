/** What each expected failure looks like on the wire: HTTP status and message. `%s` is replaced by the error's `subject`. */
export const errorTable = {
  unauthenticated: [401, "You need to sign in or sign up before continuing."],
  invalid_credentials: [401, "Invalid login credentials. Please try again."],
  invalid_token: [401, "Invalid login credentials"],
  unconfirmed: [
    401,
    "A confirmation email was sent to your account at '%s'. You must follow the instructions in the email before your account can be activated",
  ],
  sign_in_with_get: [405, "Use POST /sign_in to sign in. GET is not supported."],
  not_signed_in: [404, "User was not found or was not logged in."],
  user_not_found: [404, "User not found."],
  account_not_found: [404, "Unable to locate account for destruction."],
  email_missing: [401, "You must provide an email address."],
  email_unknown: [404, "Unable to find user with email '%s'."],
  redirect_missing: [401, "Missing redirect URL."],
  redirect_refused: [422, "Redirect to '%s' not allowed."],
  confirm_success_url_missing: [422, "Missing 'confirm_success_url' parameter."],
  sign_up_empty: [422, "Please submit proper sign up data in request body."],
  update_empty: [422, "Please submit proper account update data in request body."],
  password_unauthorized: [401, "Unauthorized"],
  password_missing: [422, "You must fill out the fields labeled 'Password' and 'Password confirmation'."],
  password_not_required: [
    422,
    "This account does not require a password. Sign in using your '%s' account instead.",
  ],
  registration_disabled: [403, "Registration is closed."],
  session_not_found: [404, "Session not found."],
  cross_site_refused: [
    403,
    "This request came from another site. Send the credentials as headers instead of the cookie.",
  ],
  not_found: [404, "Nothing is here."],
  method_not_allowed: [405, "This address does not answer %s."],
  malformed_body: [400, "The request body could not be read: %s"],
  malformed_parameter: [400, "The parameter '%s' has to be text."],
  body_too_large: [413, "The request body is too large."],
  headers_too_large: [431, "The request headers are too large."],
  unsupported_media_type: [
    415,
    "Send the body as application/json, application/x-www-form-urlencoded or multipart/form-data.",
  ],
  mail_unavailable: [503, "The email could not be sent. Please try again in a moment."],
  unavailable: [503, "The service is not available right now. Please try again in a moment."],
  internal: [500, "Something went wrong on our side."],
} as const satisfies Record<string, readonly [status: number, message: string]>;

export type ErrorCode = keyof typeof errorTable;

/**
 * The one error that Keyturn throws for things that go wrong at run time. `code` is stable and part of the API; the text may change.
 * `status` is the HTTP status of its answer. Texts of 5xx errors never carry their cause to the client.
 */
export class AuthError extends Error {
  override readonly name = "AuthError";
  readonly code: ErrorCode;
  readonly status: number;

  constructor(code: ErrorCode, options: { readonly subject?: string; readonly cause?: unknown } = {}) {
    const [status, message] = errorTable[code];
    super(
      message.replace("%s", () => options.subject ?? ""),
      { cause: options.cause },
    );
    this.code = code;
    this.status = status;
  }
}

/** Thrown by `createAuth` when the configuration has mistakes: all of them at once, one a line. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `The configuration has ${problems.length === 1 ? "a mistake" : `${problems.length} mistakes`}:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`,
    );
    this.problems = problems;
  }
}
