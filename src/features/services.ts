import type { Hooks } from "../accounts/hooks.js";
import type { Account, Model } from "../accounts/models.js";
import type { PasswordHasher } from "../accounts/password-hasher.js";
import type { RedirectAllowlist } from "../config/redirect-allowlist.js";
import type { ResolvedSettings } from "../config/resolve.js";
import type { Store } from "../database/port.js";
import type { Sessions } from "../engine/sessions.js";
import type { Emit } from "../events.js";
import type { Bots } from "./bots.js";
import type { Limits } from "./limits.js";
import type { MailKind } from "./mail-kind.js";
import type { MailTotal } from "./mail-total.js";
import type { Pages } from "./pages.js";

/** What a mail says. `path` and `query` make its link, which always begins with the configured `baseUrl`. */
export interface MailContents {
  readonly to: string;
  readonly link?: { readonly path: string; readonly query: Readonly<Record<string, string>> };
  readonly newEmail?: string;
  /** What people call a provider: "GitHub". */
  readonly provider?: string;
  /** What a device calls itself: "Firefox (Windows)"; empty if nothing is known. */
  readonly device?: string;
  /** Milliseconds that the link works. */
  readonly validFor?: number;
  readonly redirectUrl?: string;
  readonly config?: string;
  /** When the recipient proved the address, unix milliseconds; `null`: nobody has. Default: when the account was made. */
  readonly provenSince?: number | null;
  /** Whether the app's own code sends it: then it may take all that is left of the total. */
  readonly isByApp?: boolean;
  /** A header of the request by which the recipient asked for the mail, by its name in lower case. A request's services add it. */
  readonly header?: (name: string) => string | undefined;
}

/** Hands a mail over. Throws AuthError `mail_unavailable` when it could not be. */
export type Mailer = (
  kind: MailKind,
  model: Model,
  account: Account,
  contents: MailContents,
) => Promise<void>;

/** What the features work with. */
export interface Services {
  readonly store: Store;
  readonly sessions: Sessions;
  readonly settings: ResolvedSettings;
  readonly hasher: PasswordHasher;
  readonly redirects: RedirectAllowlist;
  readonly pages: Pages;
  readonly mail: Mailer;
  readonly emit: Emit;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly hooks: Hooks;
  readonly limits: Limits;
  readonly mailTotal: MailTotal;
  /** The bot check of the request that is served. */
  readonly bots: Bots;
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
