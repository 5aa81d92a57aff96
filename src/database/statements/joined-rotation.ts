import { sql } from "kysely";
import type { Model } from "../../accounts/models.js";
import type { SqlExecutor } from "../driver.js";
import type { Rotation } from "../port.js";
import { accountsTable } from "../schema/schema.js";
import { type Statement, statement } from "../statement.js";
import { type AccountColumns, isAccount, selectAccount } from "./account-columns.js";
import { expiryAfterRotation, isRotationDue, knowsUid } from "./rotation-rules.js";

/** A rotation in one round trip, where the database can join the account to an update: it verifies, rotates and loads at once. */
export function joinedRotation(
  executor: SqlExecutor,
  model: Model,
  state: readonly string[],
  columns: AccountColumns,
): Statement<Rotation> {
  const { kysely } = executor;
  return statement<Rotation>(executor, (place, now) =>
    kysely
      .updateTable("keyturn_sessions as session")
      .from(`${accountsTable(model)} as account`)
      .set({
        generation: sql<number>`session.generation + 1`,
        token_hash: place("nextTokenHash"),
        previous_nonce: sql.ref("session.nonce"),
        nonce: place("nonce"),
        rotated_at: now,
        window_extended_until: 0,
        expires_at: expiryAfterRotation("session", now, place("lifespan")),
        address: sql<string>`coalesce(${place("address")}, session.address)`,
      })
      .where("session.client", "=", place("client"))
      .where("session.token_hash", "=", place("tokenHash"))
      .where("session.model", "=", model.name)
      .where("session.limited_to", "is", null)
      .where(isRotationDue("session", now, place("lifespan"), place("window")))
      .where(isAccount(executor, model, sql.ref("session.account_id"), "account"))
      .where(knowsUid("session", "account", model, place("uid")))
      .returning(state.map((column) => sql.ref(`session.${column}`).as(column)))
      .returning(now.as("now"))
      .returning(selectAccount(executor, model, columns, "account")),
  );
}
