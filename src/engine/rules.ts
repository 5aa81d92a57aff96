import type { Model } from "../accounts/models.js";
import type { FoundSession, RotationState, Session } from "../database/port.js";

/**
 * When a rotation is due, when a session expires and which expiry it announces: the one specification. Times in unix milliseconds,
 * by the database's clock. `database/statements/rotation-rules.ts` says the same in SQL, for the statement that verifies and
 * rotates in one step; the contract of the store holds the two together.
 */

/** The settings that these rules read. */
export interface LifespanSettings {
  /** Milliseconds that a session lives after its last rotation. */
  readonly tokenLifespan: number;
  /** Milliseconds after which a session expires that nobody uses; `null`: `tokenLifespan` alone says. */
  readonly idleTimeout: number | null;
}

/** How far the expiry may run ahead of time, so that it rises with each rotation, where a window is shorter than a second. */
export const furthestAhead = 60_000;

/** Milliseconds that a session lives after its last rotation. */
export function lifespanOf({ tokenLifespan, idleTimeout }: LifespanSettings): number {
  return Math.min(tokenLifespan, idleTimeout ?? Number.POSITIVE_INFINITY);
}

/** The settings as they are for the sessions of one model, which may have ends of its own. `null`: there is no such end. */
export function settingsFor<
  Settings extends { readonly idleTimeout: number | null; readonly sessionLifetime: number | null },
>(
  settings: Settings,
  {
    timeoutIn = settings.idleTimeout,
    sessionsEndAfter = settings.sessionLifetime,
  }: Pick<Model, "timeoutIn" | "sessionsEndAfter">,
): Settings {
  return { ...settings, idleTimeout: timeoutIn, sessionLifetime: sessionsEndAfter };
}

/** Whether a session has expired, whatever it announced: its announced expiry may run ahead of its last rotation. */
export function isExpired(
  { expiresAt, rotatedAt }: Pick<RotationState, "expiresAt" | "rotatedAt">,
  now: number,
  lifespan: number,
): boolean {
  return now >= expiresAt || now >= rotatedAt + lifespan;
}

/** Whether the window of the current generation is open: then no rotation is due. */
export function isInWindow(
  { rotatedAt }: Pick<RotationState, "rotatedAt">,
  now: number,
  window: number,
): boolean {
  return now < rotatedAt + window;
}

/**
 * Whether a token is the first one of a session that was opened seconds ago: then a copy of the database may not have the session's row
 * yet. A server of ours issued the token, so it is worth a second look.
 */
export function isOfNewSession(
  { generation, began }: { readonly generation: number; readonly began: number },
  now: number,
): boolean {
  return generation === 0 && now - began < 5000;
}

/** A session as it is for whoever was current when the row was read and lost the race: not late, however short the window is. */
export function withOpenWindow(session: RotationState): RotationState {
  return { ...session, windowExtendedUntil: Number.POSITIVE_INFINITY };
}

/** Whether a client may call the account by this uid: its own, or the one from before a change of address. */
export function knowsUid({ session, account }: FoundSession, uid: string): boolean {
  return uid === account.uid || (session.previousUid !== null && uid === session.previousUid);
}

/**
 * The expiry after a rotation at `now`. Clients order responses by it, in whole seconds, so it rises with each generation while that
 * is possible, and never falls. It passes neither the absolute end nor a minute past `now + lifespan`.
 */
export function expiryAfterRotation(
  { expiresAt, endsAt }: Pick<Session, "expiresAt" | "endsAt">,
  now: number,
  lifespan: number,
): number {
  const slid = wholeSeconds(now + lifespan);
  const risen = Math.max(slid, expiresAt, Math.min(expiresAt + 1000, slid + furthestAhead));
  return endsAt === null ? risen : Math.min(risen, wholeSeconds(endsAt));
}

/**
 * The expiry of a session that goes on with a new token after a change of password, at `now`. It never falls, and does not pass the
 * absolute end.
 */
export function expiryAfterRenewal(
  { expiresAt, endsAt }: Pick<Session, "expiresAt" | "endsAt">,
  now: number,
  lifespan: number,
): number {
  const later = Math.max(wholeSeconds(now + lifespan), expiresAt);
  return endsAt === null ? later : Math.min(later, wholeSeconds(endsAt));
}

/**
 * The expiry that a response announces, in unix seconds. Where the absolute end bounds it, all generations would announce the same;
 * so a second is kept free for each rotation that can still come. The session of a reset link announces an ordinary session's
 * expiry, because clients drop a token that ends before the one they hold; the row ends it after minutes.
 */
export function announcedExpiry(
  { expiresAt, endsAt, rotatedAt, limitedTo }: Session,
  settings: {
    readonly window: number;
    readonly lifespan: number;
    /** `null`: sessions have no absolute end, though some were opened when they had. */
    readonly sessionLifetime: number | null;
  },
): number {
  const { window, lifespan, sessionLifetime } = settings;
  if (limitedTo !== null) return Math.floor((rotatedAt + lifespan) / 1000);
  if (endsAt === null || sessionLifetime === null || window <= 1000) return Math.floor(expiresAt / 1000);
  return Math.floor(Math.min(expiresAt, endsAt - ((endsAt - rotatedAt) / window) * 1000) / 1000);
}

function wholeSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000) * 1000;
}
