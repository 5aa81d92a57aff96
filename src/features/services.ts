import type { Hooks } from "../accounts/hooks.js";
import type { Account, Model } from "../accounts/models.js";
import type { PasswordHasher } from "../accounts/passwords.js";
import type { RedirectAllowlist } from "../config/redirect-allowlist.js";
import type { Store } from "../database/port.js";
import type { Sessions } from "../engine/sessions.js";
import type { Emit } from "../events.js";

/** The mails that the domain sends. */
export type MailKind =
  | "confirmation_instructions"
  | "reset_password_instructions"
  | "email_change_instructions"
  | "email_change_notice"
  | "email_changed_notice"
  | "password_changed_notice";

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
export type Mailer = (kind: MailKind, model: Model, account: Account, order: MailContents) => Promise<void>;

/** The settings that the domain reads; durations in milliseconds. */
export interface ServiceSettings {
  readonly tokenLifespan: number;
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

/** What the use cases work with. */
export interface Services {
  readonly store: Store;
  readonly sessions: Sessions;
  readonly settings: ServiceSettings;
  readonly hasher: PasswordHasher;
  readonly redirects: RedirectAllowlist;
  readonly mail: Mailer;
  readonly emit: Emit;
  readonly hooks: Hooks;
  /** Lets work go on behind an answer whose time must not tell what was found; failures are logged. */
  readonly afterResponse: (work: () => Promise<void>) => void;
}

/** Who asked, as far as events and the list of devices are concerned. */
export interface Caller {
  readonly address: string | null;
  readonly userAgent: string | null;
}

/** A mail whose failure must not undo what it tells of: a notice. It is sent behind the answer. */
export function notify(
  services: Services,
  kind: MailKind,
  model: Model,
  account: Account,
  order: MailContents,
): void {
  services.afterResponse(() => services.mail(kind, model, account, order));
}

/** Milliseconds that a breach check may take. */
const breachCheckPatience = 3000;

/** Asks the breach check, where there is one. One that fails or is slow lets the password pass, with an event: people have to be able to change a password. */
export async function isBreached(
  { settings, emit }: Services,
  model: Model,
  password: string,
): Promise<boolean> {
  const check = settings.isPasswordBreached;
  if (!check) return false;
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error("The breach check took too long")), breachCheckPatience);
  });
  try {
    return await Promise.race([check(password), tooLate]);
  } catch {
    emit("password.breach_check_failed", { model: model.name });
    return false;
  } finally {
    clearTimeout(timer);
  }
}
