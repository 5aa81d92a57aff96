import { oneLine } from "./texts/one-line.js";

/**
 * Everything that is worth a line in a security log, with its name in the OWASP logging vocabulary
 * (https://cheatsheetseries.owasp.org/cheatsheets/Logging_Vocabulary_Cheat_Sheet.html).
 */
export const eventTable = {
  "account.registered": "user_created",
  "account.confirmed": "user_updated",
  "account.updated": "user_updated",
  "account.deleted": "user_deleted",
  "account.email_changed": "user_updated",
  "account.locked": "authn_login_lock",
  "account.unlocked": "user_updated",
  "account.disabled": "user_archived",
  "account.enabled": "user_updated",
  "invitation.created": "authz_admin",
  "invitation.withdrawn": "authz_admin",
  "invitation.refused": "authz_fail",
  "sign_in.succeeded": "authn_login_success",
  "sign_in.failed": "authn_login_fail",
  "session.created": "session_created",
  "session.ended": "authn_token_revoked",
  "session.expired": "session_use_after_expire",
  "device.forgotten": "user_updated",
  "password.reset_requested": "authn_password_change",
  "password.changed": "authn_password_change",
  "password.change_failed": "authn_password_change_fail",
  "password.breach_check_failed": "sys_monitor_disabled",
  "identity.linked": "user_updated",
  "identity.unlinked": "user_updated",
  "token.late": "session_use_after_expire",
  "token.reused": "authn_token_reuse",
  "token.ahead": "authn_token_reuse",
  "token.forged": "authn_token_reuse",
  "request.cross_site": "authz_fail",
  "redirect.refused": "input_validation_fail",
  "limit.met": "excess_rate_limit_exceeded",
  "limits.store_away": "sys_monitor_disabled",
  "limits.store_back": "sys_monitor_enabled",
  "clock.offset": "sys_monitor_disabled",
  "bot_check.failed": "input_validation_fail",
  "bot_check.unavailable": "sys_monitor_disabled",
  "bot_check.available": "sys_monitor_enabled",
  "mails.near_limit": "excess_rate_limit_exceeded",
  "proxy.unlisted": "sys_monitor_disabled",
  "mail.failed": "sys_monitor_disabled",
  "audit.write_failed": "sys_monitor_disabled",
  "audit.dropped": "sys_monitor_disabled",
} as const satisfies Record<string, string>;

export type EventName = keyof typeof eventTable;

/**
 * Who made a change: the account's owner, the app's own code, or somebody at the command line. `name`: the one that the code says
 * (`actor`), or the user of the system.
 */
export interface Actor {
  readonly kind: "owner" | "code" | "cli";
  readonly name?: string;
}

/** What happened, to whom, by whom and from where. Ids only: no token, no password, no link. */
export interface AuthEvent {
  readonly name: EventName;
  /** The same in the OWASP logging vocabulary. */
  readonly owasp: (typeof eventTable)[EventName];
  /** UTC, ISO 8601. */
  readonly at: string;
  readonly model?: string;
  readonly accountId?: string;
  /** Id of the session. */
  readonly client?: string;
  readonly address?: string;
  /** What the request calls its program: one line of at most 512 characters, as it was sent. */
  readonly userAgent?: string;
  readonly reason?: string;
  /** Who did it, where somebody changed an account. */
  readonly actor?: Actor | undefined;
}

export type EventDetails = Omit<AuthEvent, "name" | "owasp" | "at">;
export type Emit = (name: EventName, details: EventDetails) => void;

/** Hands events to their listener. A listener that throws is its own problem, never the request's. */
export function createEmitter(
  listener: (event: AuthEvent) => void,
  now: () => number,
  onListenerError: (error: unknown) => void,
): Emit {
  return (name, details) => {
    try {
      listener({ name, owasp: eventTable[name], at: new Date(now()).toISOString(), ...details });
    } catch (error) {
      onListenerError(error);
    }
  };
}

/** What requests to the auth routes change, by which an account's owner is known: by a password, a session, a link or a provider. */
const changesOfOwners: ReadonlySet<EventName> = new Set([
  "account.registered",
  "account.confirmed",
  "account.updated",
  "account.deleted",
  "account.email_changed",
  "account.unlocked",
  "session.ended",
  "password.changed",
  "identity.linked",
  "identity.unlinked",
]);

/** Says in every event who did it. Of what requests cause only in changes: whoever fails to sign in may be anybody. */
export function emitBy(emit: Emit, actor: Actor): Emit {
  return (name, details) => {
    const isTheirs = actor.kind !== "owner" || changesOfOwners.has(name);
    emit(name, isTheirs ? { actor, ...details } : details);
  };
}

/** The ids by which events name an account. */
export function accountIds(
  model: { readonly name: string },
  account: { readonly id: number | string },
): { readonly model: string; readonly accountId: string } {
  return { model: model.name, accountId: String(account.id) };
}

/** Who asked, as far as events tell. What is not known is left out of them. */
export interface CallerDetails {
  readonly address: string | null;
  readonly userAgent: string | null;
}

/** Says in every event of a request who asked. `caller`: called only if there is an event. */
export function emitFrom(emit: Emit, caller: () => CallerDetails): Emit {
  return (name, details) => emit(name, { ...callerDetails(caller()), ...details });
}

/** The same for one event. */
export function callerDetails({
  address,
  userAgent,
}: CallerDetails): Pick<AuthEvent, "address" | "userAgent"> {
  return { ...addressOf({ address }), ...(userAgent === null ? {} : { userAgent }) };
}

/** The header `user-agent` as events and the list of devices carry it. */
export function userAgentOf(header: string | undefined): string | null {
  return header === undefined ? null : oneLine(header).slice(0, 512);
}

/** An address as events carry it: not at all, if it is not known. */
export function addressOf({ address }: { readonly address: string | null }): { readonly address?: string } {
  return address === null ? {} : { address };
}
