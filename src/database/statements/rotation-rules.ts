import { type RawBuilder, sql } from "kysely";
import type { Model } from "../../accounts/models.js";
import { furthestAhead } from "../../engine/rules.js";
import type { SqlExecutor } from "../driver.js";
import type { SessionTable } from "../schema/schema.js";
import type { TokenHash } from "../token-hash.js";
import { wholeSeconds } from "./rows.js";

/**
 * `engine/rules.ts` in SQL, for the statements that decide in the database. Durations and times in milliseconds. The contract of the
 * store holds both to the same results.
 */

/** `isExpired` and `isInWindow`, turned around: the session has not expired, and a rotation is due. */
export function isRotationDue(
  session: string,
  now: RawBuilder<number>,
  lifespan: RawBuilder<number>,
  window: RawBuilder<number>,
): RawBuilder<boolean> {
  const column = columnsOf(session);
  return sql<boolean>`(${column("expires_at")} > ${now}
    and ${column("rotated_at")} + ${bigint(lifespan)} > ${now}
    and ${column("rotated_at")} + ${bigint(window)} <= ${now})`;
}

/** `expiryAfterRotation`. */
export function expiryAfterRotation(
  session: string,
  now: RawBuilder<number>,
  lifespan: RawBuilder<number>,
): RawBuilder<number> {
  const column = columnsOf(session);
  const slid = wholeSeconds(sql`${now} + ${bigint(lifespan)}`);
  const rising = sql`least(${column("expires_at")} + 1000, ${slid} + ${sql.lit(furthestAhead)})`;
  const risen = sql`greatest(${slid}, ${column("expires_at")}, ${rising})`;
  // least() passes over null: no absolute end.
  return sql<number>`least(${risen}, ${wholeSeconds(column("ends_at"))})`;
}

/** `knowsUid`. */
export function knowsUid(
  session: string,
  account: string,
  model: Model,
  uid: RawBuilder<unknown>,
): RawBuilder<boolean> {
  const own = sql.ref(`${account}.${model.columns.uid}`);
  return sql<boolean>`(${own} = ${uid} or ${columnsOf(session)("previous_uid")} = ${uid})`;
}

/** What becomes of a session's row with a token that does not follow from its own: nothing leads from there to here. Its expiry: `expiryAfterRenewal`. */
export function renewedSession(
  executor: SqlExecutor,
  { tokenHash, lifespan }: { readonly tokenHash: TokenHash; readonly lifespan: number },
) {
  const now = executor.dialect.now(sql<number>`${executor.now()}`);
  const slid = wholeSeconds(sql`${now} + ${sql.lit(Math.floor(lifespan))}`);
  const ends = wholeSeconds(sql.ref("ends_at"));
  const later = sql<number>`case when ${slid} > expires_at then ${slid} else expires_at end`;
  const expiresAt = sql<number>`case when ends_at is not null and ${ends} < ${later} then ${ends} else ${later} end`;
  return {
    generation: sql<number>`generation + 1`,
    token_hash: tokenHash,
    nonce: null,
    previous_nonce: null,
    rotated_at: now,
    window_extended_until: 0,
    expires_at: expiresAt,
  } satisfies { readonly [Column in keyof SessionTable]?: SessionTable[Column] | RawBuilder<number> };
}

function columnsOf(session: string): (name: keyof SessionTable) => RawBuilder<unknown> {
  return (name) => sql.ref(`${session}.${name}`);
}

// Durations come without a type, and a sum of two unknowns has none.
function bigint(value: RawBuilder<number>): RawBuilder<number> {
  return sql<number>`cast(${value} as bigint)`;
}
