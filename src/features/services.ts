import type { Hooks } from "../accounts/hooks.js";
import type { Account, Model } from "../accounts/models.js";
import type { PasswordHasher } from "../accounts/password-hasher.js";
import type { RedirectAllowlist } from "../config/redirect-allowlist.js";
import type { Store } from "../database/port.js";
import type { Sessions } from "../engine/sessions.js";
import type { Emit } from "../events.js";
import type { MailKind } from "./mail-kind.js";

/** What a mail says. `path` and `query` make its link, which always begins with the configured `baseUrl`. */
export interface MailContents {
  readonly to: string;
  readonly link?: { readonly path: string; readonly query: Readonly<Record<string, string>> };
  readonly newEmail?: string;
  /** Milliseconds that the link works. */
  readonly validFor?: number;
  readonly redirectUrl?: string;
  readonly config?: string;
}

/** Hands a mail over. Throws AuthError `mail_unavailable` when it could not be. */
export type Mailer = (
  kind: MailKind,
  model: Model,
  account: Account,
  contents: MailContents,
) => Promise<void>;

/** The settings that the features read; durations in milliseconds. */
export interface ServiceSettings {
  readonly tokenLifespan: number;
  readonly idleTimeout: number | null;
  readonly renewSessionOnPasswordChange: boolean;
  readonly sessionLifetime: number | null;
  readonly defaultConfirmSuccessUrl: string | undefined;
  readonly defaultPasswordResetUrl: string | undefined;
  readonly confirmWithin: number;
  readonly resetPasswordWithin: number;
  readonly checkCurrentPasswordBeforeUpdate: false | "attributes" | "password";
  readonly removeTokensAfterPasswordReset: boolean;
  readonly requireClientPasswordResetToken: boolean;
  readonly paranoid: boolean;
  readonly passwordMinLength: number;
  readonly passwordMaxLength: number;
  readonly isPasswordBreached: BreachCheck | undefined;
}

/** Whether a password is known from a breach: a look-up of your choice. */
export type BreachCheck = (password: string) => boolean | Promise<boolean>;

/** What the features work with. */
export interface Services {
  readonly store: Store;
  readonly sessions: Sessions;
  readonly settings: ServiceSettings;
  readonly hasher: PasswordHasher;
  readonly redirects: RedirectAllowlist;
  readonly mail: Mailer;
  readonly emit: Emit;
  readonly hooks: Hooks;
  /** Runs work once the response has left, so that its time cannot tell what was found. Failures are logged. */
  readonly afterResponse: (work: () => Promise<void>) => void;
  /** Logs an error that no response may show. */
  readonly report: (error: unknown, what: string) => void;
}

/** Sends a mail whose failure must not undo what it tells of, once the response has left. */
export function notify(
  services: Services,
  kind: MailKind,
  model: Model,
  account: Account,
  contents: MailContents,
): void {
  services.afterResponse(() => services.mail(kind, model, account, contents));
}
