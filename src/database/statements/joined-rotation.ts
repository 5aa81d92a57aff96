import { type RawBuilder, sql } from "kysely";
import type { Model } from "../../accounts/models.js";
import type { SqlExecutor } from "../driver.js";
import type { Rotation } from "../port.js";
import { accountsTable } from "../schema/schema.js";
import { type Statement, statement } from "../statement.js";
import { type AccountColumns, isAccount, selectAccount } from "./account-columns.js";
import { wholeSeconds } from "./rows.js";

/**
 * A rotation in one round trip, where the engine can join the account to an update: it verifies, rotates and loads at once. Its
 * conditions are those of `isDue`, its expiry that of `nextExpiry`; the contract holds both to the same answers.
 */
export function joinedRotation(
  executor: SqlExecutor,
  model: Model,
  state: readonly string[],
  columns: AccountColumns,
): Statement<Rotation> {
  const { kysely } = executor;
  const uid = sql.ref(`account.${model.columns.uid}`);
  return statement<Rotation>(executor, (place, now) => {
    const slid = sql`greatest(${wholeSeconds(sql`${now} + ${bigint(place("lifespan"))}`)}, session.expires_at + 1000)`;
    return kysely
      .updateTable("keyturn_sessions as session")
      .from(`${accountsTable(model)} as account`)
      .set({
        generation: sql<number>`session.generation + 1`,
        token_hash: place("nextTokenHash"),
        previous_nonce: sql.ref("session.nonce"),
        nonce: place("nonce"),
        rotated_at: now,
        window_extended_until: 0,
        // least() passes over null: no absolute end.
        expires_at: sql<number>`least(${slid}, ${wholeSeconds(sql`session.ends_at`)})`,
        address: sql<string>`coalesce(${place("address")}, session.address)`,
      })
      .where("session.client", "=", place("client"))
      .where("session.token_hash", "=", place("tokenHash"))
      .where("session.model", "=", model.name)
      .where("session.limited_to", "is", null)
      .where("session.expires_at", ">", now)
      .where(sql<boolean>`session.rotated_at + ${bigint(place("lifespan"))} > ${now}`)
      .where(sql<boolean>`session.rotated_at + ${bigint(place("window"))} <= ${now}`)
      .where(isAccount(executor, model, sql.ref("session.account_id"), "account"))
      .where(sql<boolean>`(${uid} = ${place("uid")} or session.previous_uid = ${place("uid")})`)
      .returning(state.map((column) => sql.ref(`session.${column}`).as(column)))
      .returning(now.as("now"))
      .returning(selectAccount(executor, model, columns, "account"));
  });
}

// Durations come without a type, and a sum of two unknowns has none.
function bigint(value: RawBuilder<number>): RawBuilder<number> {
  return sql<number>`cast(${value} as bigint)`;
}
