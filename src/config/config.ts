import type { HooksConfig } from "../accounts/hooks.js";
import type { GroupsConfig, ModelsConfig } from "../accounts/models.js";
import type { Database } from "../database/port.js";
import type { ReuseReaction } from "../engine/token-reuse.js";
import type { AuthEvent } from "../events.js";
import type { Logger } from "../logger.js";
import type { SendMail } from "../mail/message.js";
import type { HeaderNames } from "../protocol.js";

/** `"250ms"`, `"5s"`, `"10m"`, `"2h"`, `"14d"`, `"2w"`, or a number of milliseconds. */
export type Duration = string | number;

/** What `createAuth` takes. Names follow devise_token_auth's, in camelCase. */
export interface AuthConfig<
  M extends ModelsConfig = ModelsConfig,
  G extends GroupsConfig<M> = GroupsConfig<M>,
> extends Settings {
  /** Where the accounts and sessions are: `sqlite("app.db")` and the like. */
  readonly database: Database;
  /** The kinds of account, by name. */
  readonly models: M;
  /** Names for several models together: `{ member: ["user", "admin"] }`. */
  readonly groups?: G;
  /** Your own part in the auth routes of a model: more in their answers, fields that clients cannot write, refusals. */
  readonly hooks?: HooksConfig<NoInfer<M>>;
}

/** Every setting that is a plain value or a function, with its default. `settings.ts` checks them. */
export interface Settings {
  /** Absolute URL under which clients reach this server. Links in mails start with it, never with what a request says. Required. */
  readonly baseUrl: string;
  /** `"production"` allows no loopback redirects and origins, and wants https and a mail transport. Default: `NODE_ENV`, else `"development"`. */
  readonly environment?: "production" | "development" | "test";
  /** Secrets of at least 32 characters that tokens are tagged with. The first signs, all verify. Default: one that is made once and kept in the database; it opens nothing by itself. */
  readonly serverKeys?: readonly string[];
  /** Whether the tables are created and updated at start (`"apply"`), or only looked at (`"check"`). Default `"apply"`. */
  readonly migrations?: "apply" | "check";

  /** A new token with each request that comes after the window. Default `true`. */
  readonly changeHeadersOnEachRequest?: boolean;
  /** How long a session lives after its last rotation. Default `"2w"`. */
  readonly tokenLifespan?: Duration;
  /** The window: requests that come within it share a token. `"0s"`: every request rotates, one at a time. Default `"5s"`. */
  readonly batchRequestBufferThrottle?: Duration;
  /** What the other answers of a batch carry: the newest token (`"repeat"`), or none (`"omit"`). Default `"repeat"`. */
  readonly batchResponses?: "repeat" | "omit";
  /** Whether the token before the current one stays good while its successor was never seen (`"recover"`), or ends with the window (`"expire"`). Default `"expire"`. */
  readonly lostResponses?: "expire" | "recover";
  /** What happens to a session whose replaced token turns up again. A function is told of it and may answer one of the three. Default `"reject"`. */
  readonly onTokenReuse?:
    | ReuseReaction
    | ((event: AuthEvent) => ReuseReaction | undefined | Promise<ReuseReaction | undefined>);
  /** The end of a session, counted from sign-in, however much it is used. Default: none. */
  readonly sessionLifetime?: Duration | null;
  /** The end of a session that nobody uses. Default: `tokenLifespan`. */
  readonly idleTimeout?: Duration | null;
  /** Sessions an account may have at once; the longest unused goes first. Default `10`. */
  readonly maxNumberOfDevices?: number;

  /** Names of the headers that carry the credentials. */
  readonly headersNames?: Partial<HeaderNames>;
  /** Also read credentials from query parameters on the app's own routes. They end up in logs. Default `false`. */
  readonly acceptTokensInQuery?: boolean;
  /** Also keep the credentials in a cookie that scripts cannot read. Default `false`. */
  readonly cookieEnabled?: boolean;
  /** Name of that cookie. Default `"__Host-keyturn"`. */
  readonly cookieName?: string;
  /** Which sites' requests carry the cookie. `"none"` is for front ends of another site, and needs `cors.origins`. Default `"lax"`. */
  readonly cookieSameSite?: "strict" | "lax" | "none";
  /** Which front ends of other origins may use the API: `{ origins: ["https://app.example.com"] }`. `false`: the app does CORS itself. Default: none. */
  readonly cors?: CorsSettings | false;
  /** Addresses or networks of proxies whose `X-Forwarded-For` is believed: `["10.0.0.0/8"]`. Default none. */
  readonly trustedProxies?: readonly string[];

  /** Where redirects may go: `["https://app.example.com/*", "https://*.example.com/*", "myapp://auth/*"]`. Default nowhere; outside production also to loopback addresses. */
  readonly redirectAllowlist?: readonly string[];
  /** Where a confirmation link leads when the request names no `confirm_success_url`. Default: none, the request has to. */
  readonly defaultConfirmSuccessUrl?: string;
  /** Where a reset link leads when the request names no `redirect_url`. Default: none, the request has to. */
  readonly defaultPasswordResetUrl?: string;
  /** How long a confirmation link works. Default `"3d"`. */
  readonly confirmWithin?: Duration;
  /** How long a reset link works. Default `"1h"`. */
  readonly resetPasswordWithin?: Duration;
  /** Changes that need the current password: none (`false`), any (`"attributes"`), or a new password or e-mail address (`"password"`). Default `false`. */
  readonly checkCurrentPasswordBeforeUpdate?: false | "attributes" | "password";
  /** Whether a new password ends the account's other sessions. Default `true`. */
  readonly removeTokensAfterPasswordReset?: boolean;
  /** Whether a new password gives the session that sets it a new token, so that copies of its old one are refused. Default `true`. */
  readonly renewSessionOnPasswordChange?: boolean;
  /** Whether the reset link's redirect carries only the `reset_password_token`, and no credentials in the URL. Default `false`, as old clients need it. */
  readonly requireClientPasswordResetToken?: boolean;
  /** Whether answers keep secret which addresses have an account. Default `false`. */
  readonly paranoid?: boolean;
  /** Code points a password has at least. NIST recommends 15. Default `8`. */
  readonly passwordMinLength?: number;
  /** Code points a password has at most; 128 or more. Default `128`. */
  readonly passwordMaxLength?: number;

  /** Looks a new password up in a list of breached ones. If it fails or takes over 3 s, the password passes, with an event. Default: none; a list of common passwords is always applied. */
  readonly isPasswordBreached?: (password: string) => boolean | Promise<boolean>;

  readonly mail?: MailSettings;
  /** Is told of everything worth a line in a security log. Events carry ids, never secrets. */
  readonly onEvent?: (event: AuthEvent) => void;
  /** Where errors go that no answer may show. Pino and `console` fit. Default `console`. */
  readonly logger?: Logger;
  /** A clock for tests: unix milliseconds. Default: the database's. */
  readonly now?: () => number;
}

export interface CorsSettings {
  /** Origins of the front ends, exactly: `["https://app.example.com", "capacitor://localhost"]`. Outside production every loopback origin is allowed too. Default: none. */
  readonly origins?: readonly string[];
  /** Response headers of your own that front ends may read, beside the credentials. Default: none. */
  readonly exposedHeaders?: readonly string[];
  /** The only request headers, beside the credentials, that front ends may send. Default: whatever they ask for. */
  readonly allowedHeaders?: readonly string[];
  /** How long browsers remember the response to a preflight. Default `"2h"`. */
  readonly maxAge?: Duration;
}

export interface MailSettings {
  /** Sender of every mail: `"Example <no-reply@example.com>"`. */
  readonly from: string;
  /** Name of the app in the mails. Default: the host of `baseUrl`. */
  readonly appName?: string;
  /** Hands a mail over: `smtp("smtp://…")`, or your own function. Default outside production: the mail's text goes to the logger. */
  readonly send?: SendMail;
  /** Folder of templates that take the place of the built-in ones, by name. */
  readonly templatesDirectory?: string;
}
