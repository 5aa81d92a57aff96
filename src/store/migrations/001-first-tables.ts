import type { Kysely, Migration } from "kysely";
import type { Dialect } from "../engine.js";

/** Sessions, tickets, settings. Columns that change with a rotation carry no index. */
export function firstTables({ types, sessionTableOptions }: Dialect): Migration {
  return {
    async up(db: Kysely<unknown>) {
      const sessions = db.schema
        .createTable("keyturn_sessions")
        .addColumn("client", types.text(64), (column) => column.primaryKey().notNull())
        .addColumn("model", types.text(64), (column) => column.notNull())
        .addColumn("account_id", types.text(64), (column) => column.notNull())
        .addColumn("limited_to", types.text(64))
        .addColumn("previous_uid", types.text(255))
        .addColumn("generation", types.time, (column) => column.notNull())
        .addColumn("token_hash", types.text(43), (column) => column.notNull())
        .addColumn("nonce", types.text(22))
        .addColumn("previous_nonce", types.text(22))
        .addColumn("rotated_at", types.time, (column) => column.notNull())
        .addColumn("held_until", types.time, (column) => column.notNull())
        .addColumn("expires_at", types.time, (column) => column.notNull())
        .addColumn("ends_at", types.time)
        .addColumn("created_at", types.time, (column) => column.notNull())
        .addColumn("user_agent", types.text(512))
        .addColumn("address", types.text(64))
        .addColumn("label", types.text(255));
      await (sessionTableOptions ? sessions.modifyEnd(sessionTableOptions) : sessions).execute();
      await db.schema
        .createIndex("keyturn_sessions_account")
        .on("keyturn_sessions")
        .columns(["model", "account_id"])
        .execute();

      await db.schema
        .createTable("keyturn_tickets")
        .addColumn("hash", types.text(43), (column) => column.primaryKey().notNull())
        .addColumn("kind", types.text(32), (column) => column.notNull())
        .addColumn("model", types.text(64), (column) => column.notNull())
        .addColumn("account_id", types.text(64), (column) => column.notNull())
        .addColumn("email", types.text(255))
        .addColumn("expires_at", types.time, (column) => column.notNull())
        .addColumn("used_at", types.time)
        .execute();
      await db.schema
        .createIndex("keyturn_tickets_account")
        .on("keyturn_tickets")
        .columns(["model", "account_id", "kind"])
        .execute();

      await db.schema
        .createTable("keyturn_settings")
        .addColumn("name", types.text(64), (column) => column.primaryKey().notNull())
        .addColumn("value", types.longText, (column) => column.notNull())
        .execute();
    },
  };
}
