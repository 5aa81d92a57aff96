import { sql } from "kysely";
import type { Model } from "../../accounts/models.js";
import { expiryAfterRotation, isExpired, isInWindow, knowsUid } from "../../engine/rules.js";
import type { SqlExecutor } from "../driver.js";
import type { FoundSession, Rotation, Session, SessionStore } from "../port.js";
import { type Statement, statement } from "../statement.js";
import type { TokenHash } from "../token-hash.js";
import { accountColumns, ofModel } from "./account-columns.js";
import { joinedRotation } from "./joined-rotation.js";
import { readFound, stateColumns } from "./session-rows.js";

/** A token that takes the place of the current one. */
export interface NextToken {
  readonly nextTokenHash: TokenHash;
  /** `null`: the new token does not follow from the old one. */
  readonly nonce: string | null;
  readonly lifespan: number;
  readonly address: string | null;
}

export interface Rotations extends Pick<SessionStore, "rotate" | "extendWindow"> {
  /** The conditional write: `undefined` if the token that was read is no longer current. */
  replaceToken(current: FoundSession, next: NextToken): Promise<FoundSession | undefined>;
}

/** The writes of a rotation: in one step with the look-up where the engine can join in an update, else after it. */
export function createRotations(
  executor: SqlExecutor,
  models: readonly Model[],
  find: SessionStore["find"],
): Rotations {
  const { kysely, dialect } = executor;
  const rotate = statement<RotateValues>(executor, (place) =>
    kysely
      .updateTable("keyturn_sessions")
      .set({
        generation: sql<number>`generation + 1`,
        token_hash: place("nextTokenHash"),
        previous_nonce: sql.ref("nonce"),
        nonce: place("nonce"),
        rotated_at: place("rotatedAt"),
        window_extended_until: 0,
        expires_at: place("expiresAt"),
        address: sql<string>`coalesce(${place("address")}, address)`,
      })
      .where("client", "=", place("client"))
      .where("token_hash", "=", place("tokenHash")),
  );
  const readGeneration = statement<{ client: string }>(executor, (place, now) =>
    kysely
      .selectFrom("keyturn_sessions")
      .select("generation")
      .where("client", "=", place("client"))
      .where("expires_at", ">", now),
  );
  const extendWindow = statement<{ client: string; generation: number; window: number }>(
    executor,
    (place, now) =>
      kysely
        .updateTable("keyturn_sessions")
        .set({ window_extended_until: sql<number>`${now} + ${place("window")}` })
        .where("client", "=", place("client"))
        .where("generation", "=", place("generation")),
  );
  const joined = dialect.joinsInUpdates
    ? new Map(models.map((model) => [model, prepareJoined(executor, model)]))
    : undefined;

  const replaceToken = async (current: FoundSession, next: NextToken): Promise<FoundSession | undefined> => {
    const { session, account, now } = current;
    const expiresAt = expiryAfterRotation(session, now, next.lifespan);
    const { client, tokenHash } = session;
    const { nextTokenHash, nonce, address } = next;
    // Written out, here and below: a spread with more behind it costs as much as a hash or three.
    const { changes } = await rotate.run({
      client,
      tokenHash,
      nextTokenHash,
      nonce,
      address,
      rotatedAt: now,
      expiresAt,
    });
    if (changes === 0) return undefined;
    const replaced: Session = {
      generation: session.generation + 1,
      tokenHash: nextTokenHash,
      nonce,
      previousNonce: session.nonce,
      rotatedAt: now,
      windowExtendedUntil: 0,
      expiresAt,
      client,
      model: session.model,
      accountId: session.accountId,
      limitedTo: session.limitedTo,
      previousUid: session.previousUid,
      endsAt: session.endsAt,
    };
    return { session: replaced, account, now };
  };

  return {
    replaceToken,
    async rotate(model, rotation) {
      if (joined) return (await ofModel(joined, model)(rotation)) ?? "missed";
      const current = await find(model, rotation.client);
      if (!current || !isDue(current, rotation)) return undefined;
      return (await replaceToken(current, rotation)) ?? "outrun";
    },
    async extendWindow(client, generation, window) {
      await extendWindow.run({ client, generation: generation + 1, window });
      const row = (await readGeneration.run({ client })).rows[0];
      return row && Number(row[0]);
    },
  };
}

function prepareJoined(
  executor: SqlExecutor,
  model: Model,
): (rotation: Rotation) => Promise<FoundSession | undefined> {
  const columns = accountColumns(executor, model);
  const query: Statement<Rotation> = joinedRotation(executor, model, stateColumns, columns);
  return async (rotation) => {
    const row = (await query.run(rotation)).rows[0];
    return row && readFound(row, model, columns);
  };
}

interface RotateValues extends Omit<NextToken, "lifespan"> {
  readonly client: string;
  readonly tokenHash: TokenHash;
  readonly rotatedAt: number;
  readonly expiresAt: number;
}

function isDue(found: FoundSession, { uid, lifespan, window, tokenHash }: Rotation): boolean {
  const { session, now } = found;
  return (
    knowsUid(found, uid) &&
    !isExpired(session, now, lifespan) &&
    !isInWindow(session, now, window) &&
    session.limitedTo === null &&
    session.tokenHash === tokenHash
  );
}
