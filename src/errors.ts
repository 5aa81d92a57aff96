import { en } from "./texts/en.js";
import { fill } from "./texts/texts.js";

/** The HTTP status of each expected failure. The sentences stand in `texts/`, by the same codes. */
export const errorTable = {
  unauthenticated: 401,
  invalid_credentials: 401,
  invalid_token: 401,
  unconfirmed: 401,
  locked: 401,
  disabled: 401,
  not_locked: 422,
  already_confirmed: 422,
  sign_in_with_get: 405,
  not_signed_in: 404,
  user_not_found: 404,
  account_not_found: 404,
  account_in_use: 409,
  email_missing: 401,
  email_unknown: 404,
  redirect_missing: 401,
  redirect_refused: 422,
  confirm_success_url_missing: 422,
  sign_up_empty: 422,
  update_empty: 422,
  password_unauthorized: 401,
  password_missing: 422,
  password_not_required: 422,
  registration_disabled: 403,
  invitation_required: 403,
  invitation_invalid: 403,
  session_not_found: 404,
  access_denied: 403,
  interaction_required: 401,
  provider_error: 401,
  provider_unavailable: 503,
  identity_unproven: 401,
  state_invalid: 401,
  state_used: 409,
  browser_mismatch: 401,
  email_required: 422,
  email_taken: 422,
  code_challenge_missing: 422,
  omniauth_code_invalid: 401,
  reauthentication_required: 403,
  identity_taken: 422,
  identity_not_found: 404,
  last_sign_in_method: 422,
  cross_site_refused: 403,
  not_found: 404,
  method_not_allowed: 405,
  malformed_body: 400,
  malformed_parameter: 400,
  body_too_large: 413,
  headers_too_large: 431,
  unsupported_media_type: 415,
  invalid: 422,
  too_many_requests: 429,
  bot_check_required: 403,
  bot_check_failed: 403,
  bot_check_unavailable: 503,
  mail_unavailable: 503,
  overloaded: 503,
  unavailable: 503,
  internal: 500,
} as const satisfies Record<keyof typeof en.errors, number>;

export type ErrorCode = keyof typeof errorTable;

/** What is wrong with one value: a code of `texts/`, or a sentence of the app's own. */
export interface Problem {
  /** Stable; part of the API: `"taken"`, `"too_short"` … */
  readonly code: string;
  /** The number that the sentence names. */
  readonly count?: number;
  /** The app's own sentence, in place of the one that belongs to the code. It stands behind the field's name: "is not invited". */
  readonly message?: string;
}

/** Problems per field; `base` stands for what is about no single field. */
export type Problems = ReadonlyMap<string, readonly Problem[]>;

/** Problems as an app writes them: a sentence, or a code with a sentence, or several. */
export type GivenProblems = Readonly<Record<string, string | Problem | readonly (string | Problem)[]>>;

/** The limit that a request has met. */
export interface MetLimit {
  readonly name: string;
  /** How often, in `window` seconds. */
  readonly quota: number;
  readonly window: number;
  /** Whole seconds, at least 1, until the same request would pass. */
  readonly retryAfter: number;
}

export interface AuthErrorOptions {
  /** What the sentence is about: an address, a URL. */
  readonly subject?: string;
  /** For `invalid`: what is wrong with which value. */
  readonly problems?: GivenProblems | Problems;
  /** A more exact code for the response, where one sentence has several causes: why a token was refused. */
  readonly reason?: string;
  /** For `too_many_requests`: the limit. */
  readonly limit?: MetLimit;
  /** For a 503: whole seconds until the same request may pass. Default: 2 to 5 at random, so that not everybody comes back at one moment. */
  readonly retryAfter?: number;
  readonly cause?: unknown;
}

/**
 * The one error that Keyturn throws for what is expected to go wrong at run time. `code` is stable and part of the API; the text
 * may change. `status` is the HTTP status of its response. Responses to 5xx errors never carry the cause.
 *
 * @example A hook that refuses a sign-up
 * throw new AuthError("invalid", { problems: { email: "is not invited" } });
 */
export class AuthError extends Error {
  override readonly name = "AuthError";
  readonly code: ErrorCode;
  readonly status: number;
  readonly subject: string | undefined;
  readonly problems: Problems;
  readonly reason: string | undefined;
  readonly limit: MetLimit | undefined;
  /** Whole seconds. Every 503 and every met limit has it. */
  readonly retryAfter: number | undefined;

  /** Throws a TypeError for `invalid` without a single problem. */
  constructor(code: ErrorCode, options: AuthErrorOptions = {}) {
    super(fill(en.errors[code], { subject: options.subject }), { cause: options.cause });
    this.code = code;
    this.status = errorTable[code];
    this.subject = options.subject;
    this.reason = options.reason;
    this.limit = options.limit;
    this.retryAfter =
      options.limit?.retryAfter ?? options.retryAfter ?? (this.status === 503 ? soon() : undefined);
    this.problems = toProblems(options.problems);
    if (code === "invalid" && this.problems.size === 0)
      throw new TypeError(
        'An "invalid" AuthError must say why: new AuthError("invalid", { problems: { email: "is not invited" } })',
      );
  }
}

function soon(): number {
  return 2 + Math.floor(4 * Math.random());
}

function toProblems(given: AuthErrorOptions["problems"] = {}): Problems {
  if (given instanceof Map) return given;
  const entries = Object.entries(given as GivenProblems).map(([field, value]) => {
    const list = [value].flat() as readonly (string | Problem)[];
    return [
      field,
      list.map((one): Problem => (typeof one === "string" ? { code: "refused", message: one } : one)),
    ] as const;
  });
  return new Map(entries.filter(([, list]) => list.length > 0));
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
