import { BlockList } from "node:net";
import { z } from "zod";
import type { SessionSettings } from "../engine/sessions.js";
import type { AuthEvent } from "../events.js";
import type { Logger } from "../logger.js";
import type { HeaderNames } from "../protocol.js";
import type { Telemetry } from "../telemetry/telemetry.js";
import { addNetwork, unixSockets } from "./addresses.js";
import { createConsoleLogger } from "./console-logger.js";
import { type CheckedCors, type CorsSettings, corsSchema } from "./cors.js";
import type { ErrorResponse } from "./error-response.js";
import { type MailSettings, mailSchema } from "./mail-settings.js";
import { checkPattern } from "./redirect-allowlist.js";
import {
  callback,
  choice,
  count,
  duration,
  flag,
  list,
  optionalDuration,
  secret,
  setting,
} from "./setting.js";

type OnTokenReuse = SessionSettings["onTokenReuse"];

const serverKey = z
  .string()
  .min(32, "must have at least 32 characters, such as the output of: openssl rand -base64 32");
const network = z
  .string()
  .refine(
    (value) => value === unixSockets || addNetwork(new BlockList(), value),
    'must be an address or a network, such as "10.0.0.0/8", or "unix" for unix sockets',
  );
const pattern = z.string().superRefine((value, context) => {
  const problem = checkPattern(value);
  if (problem !== undefined) context.addIssue(problem);
});
const headerName = z
  .string()
  .regex(/^[a-z0-9!#$%&'*+.^_`|~-]+$/i, "must be a header name (RFC 9110 §5.1)")
  .transform((name) => name.toLowerCase());
const headerNames = z.strictObject({
  "access-token": headerName.default("access-token"),
  "token-type": headerName.default("token-type"),
  client: headerName.default("client"),
  expiry: headerName.default("expiry"),
  uid: headerName.default("uid"),
  authorization: headerName.default("authorization"),
} satisfies Record<keyof HeaderNames, z.ZodType<string>>);

/** Names of what `headersNames` may say. */
export const headerKeys: readonly string[] = Object.keys(headerNames.shape);
const functionOf = <Function>() =>
  z.custom<Function>((value) => typeof value === "function", "must be a function");
const reuse = z.union([
  z.enum(["reject", "revoke-session", "revoke-account"]),
  functionOf<Exclude<OnTokenReuse, string>>(),
]);
const logger = z.custom<Logger>(
  (value) => typeof value === "object" && value !== null && "error" in value,
  "must be a logger with info, warn and error",
);
const telemetry = z.custom<Telemetry>(
  (value) => typeof value === "object" && value !== null && "span" in value && "count" in value,
  "must be a telemetry, such as openTelemetry() of keyturn/opentelemetry",
);
const cookieName = z
  .string()
  .regex(/^[\w!#$%&'*+.^`|~-]+$/, "must be a cookie name (RFC 6265 §4.1.1)")
  .default("__Host-keyturn");

/** The settings that belong to no single feature. `features/settings.ts` has the others. */
export const coreSettings = {
  /** `"production"` allows no loopback redirects and origins without a list, and needs https, and a mail transport where accounts are confirmed; without one no other mail goes out either. Default: `NODE_ENV`, else `"development"`. */
  environment: setting<"production" | "development" | "test", string | undefined>(
    z.enum(["production", "development", "test"]).optional(),
  ),
  /** Secrets of at least 32 characters that tokens are tagged with. The first signs, all verify. Default: one that is made once and kept in the database; it opens nothing by itself. */
  serverKeys: secret(list(serverKey)),
  /** Whether the tables are created and updated at start (`"apply"`), or only checked (`"check"`). Default `"apply"`. */
  migrations: choice(["apply", "check"], "apply"),
  /** A new token with each request that comes after the window. Default `true`. */
  changeHeadersOnEachRequest: flag(true),
  /** How long a session lives after its last rotation. Default `"2w"`. */
  tokenLifespan: duration("2w", 1000),
  /** The window: requests that come within it share a token. `"0s"`: every request rotates, one at a time. Default `"5s"`. */
  batchRequestBufferThrottle: duration("5s"),
  /** What the other responses of a batch carry: the newest token (`"repeat"`), or none (`"omit"`). Default `"repeat"`. */
  batchResponses: choice(["repeat", "omit"], "repeat"),
  /** What happens to the previous token after the window, while the new one was never used: it still works, because a response may have been lost (`"recover"`), or it is refused (`"expire"`). Default `"expire"`. */
  lostResponses: choice(["expire", "recover"], "expire"),
  /**
   * What happens to a session whose replaced token is used again. A function is told of it and may return one of the three. Default `"reject"`.
   *
   * @example (event) => (event.model === "admin" ? "revoke-account" : "revoke-session")
   */
  onTokenReuse: setting<OnTokenReuse, OnTokenReuse>(reuse.default("reject")),
  /** The end of a session, counted from sign-in, however much it is used. Default: none. */
  sessionLifetime: optionalDuration(),
  /** The end of a session that nobody uses. Default: `tokenLifespan`. */
  idleTimeout: optionalDuration(),
  /**
   * Names of the headers that carry the credentials. Default: devise_token_auth's.
   *
   * @example { "access-token": "access_token", "token-type": "token_type" }
   */
  headersNames: setting<Partial<HeaderNames>, HeaderNames>(headerNames.prefault({})),
  /** Also read credentials from query parameters on the app's own routes. They end up in logs. Default `false`. */
  acceptTokensInQuery: flag(false),
  /** Also keep the credentials in a cookie that scripts cannot read. Default `false`. */
  cookieEnabled: flag(false),
  /** Name of that cookie. Default `"__Host-keyturn"`. */
  cookieName: setting<string, string>(cookieName),
  /** Which sites' requests carry the cookie. `"none"` is for front ends of another site, and needs `cors.origins`. Default `"lax"`. */
  cookieSameSite: choice(["strict", "lax", "none"], "lax"),
  /** Which front ends of other origins may use the API: `{ origins: ["https://app.example.com"] }`. `false`: the app does CORS itself. Default: no origins. */
  cors: setting<CorsSettings | false, CheckedCors>(corsSchema),
  /** Addresses or networks of proxies whose `X-Forwarded-For` is believed: `["10.0.0.0/8"]`. `"unix"`: whoever connects by a unix socket. Default: none. */
  trustedProxies: list(network),
  /** Where redirects may lead: `["https://app.example.com/*", "https://*.example.com/*", "myapp://auth/*"]`. Default: nowhere; outside production also to loopback addresses. */
  redirectAllowlist: list(pattern),
  /** Code points that a password has at least. NIST recommends 15. Default `8`. */
  passwordMinLength: count(8, z.int().min(8, "must be at least 8 (NIST SP 800-63B-4 §3.1.1.2)")),
  /** Code points that a password has at most; 128 or more. Default `128`. */
  passwordMaxLength: count(
    128,
    z.int().min(128, "must be at least 128, so that nobody has to shorten a passphrase").max(4096),
  ),
  /** Passwords that may wait to be hashed. Past it, sign-in and registration respond with 503 and `Retry-After`. Default `100`: a second or two of work. */
  passwordQueueLimit: count(100, z.int().min(1, "must be at least 1")),
  /**
   * Looks a new password up in a list of breached ones: `haveIBeenPwned()` of `keyturn/checks`, or your own. If it fails or takes over 3 s, the password passes, with an event. Default: none; a list of common passwords is always applied.
   *
   * @example (password) => breached.has(createHash("sha1").update(password).digest("hex"))
   */
  isPasswordBreached: callback<(password: string) => boolean | Promise<boolean>>(),
  /**
   * How mails look and leave. Needed in production where a model is confirmable.
   *
   * @example { from: "Example <no-reply@example.com>", send: smtp("smtps://user:password@mail.example.com") }
   */
  mail: setting<MailSettings, MailSettings | undefined>(mailSchema, undefined),
  /**
   * What the body of every error looks like, so that one style is put on in one place: JSON:API, problem details. Default: as devise_token_auth has it.
   *
   * @example ({ code, status, messages }) => ({ body: { errors: [{ code, status: String(status), title: messages[0] }] } })
   */
  errorResponse: callback<ErrorResponse>(),
  /** How long `close()` waits for work in the background, such as mails. Default `"10s"`. */
  closeTimeout: duration("10s"),
  /**
   * Is told of everything worth a line in a security log. Events carry ids, never secrets.
   *
   * @example (event) => process.stdout.write(`${JSON.stringify(event)}\n`)
   */
  onEvent: callback<(event: AuthEvent) => void>(),
  /**
   * Where spans and figures go: `openTelemetry()` of `keyturn/opentelemetry`. Default: nowhere, and nothing is measured.
   *
   * @example openTelemetry()
   */
  telemetry: setting<Telemetry, Telemetry | undefined>(telemetry.optional(), undefined),
  /** Where errors go that no response may show. Pino and `console` fit. Default `console`. */
  logger: setting<Logger, Logger>(logger.default(createConsoleLogger()), undefined),
  /** A clock for tests: unix milliseconds. Default: the database's. */
  now: callback<() => number>(),
};
