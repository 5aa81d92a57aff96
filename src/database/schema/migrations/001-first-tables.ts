import { change, type Migration } from "../ddl.js";

/** Sessions, tickets, settings. Columns that change with a rotation carry no index. */
export const firstTables: Migration = {
  name: "001-first-tables",
  changes({ schema }, { types, sessionTableOptions }, seen) {
    const sessions = schema
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
      .addColumn("window_extended_until", types.time, (column) => column.notNull())
      .addColumn("expires_at", types.time, (column) => column.notNull())
      .addColumn("ends_at", types.time)
      .addColumn("created_at", types.time, (column) => column.notNull())
      .addColumn("user_agent", types.text(512))
      .addColumn("address", types.text(64))
      .addColumn("label", types.text(255));
    const tickets = schema
      .createTable("keyturn_tickets")
      .addColumn("hash", types.text(43), (column) => column.primaryKey().notNull())
      .addColumn("kind", types.text(32), (column) => column.notNull())
      .addColumn("model", types.text(64), (column) => column.notNull())
      .addColumn("account_id", types.text(64), (column) => column.notNull())
      .addColumn("email", types.text(255))
      .addColumn("expires_at", types.time, (column) => column.notNull())
      .addColumn("used_at", types.time);
    const settings = schema
      .createTable("keyturn_settings")
      .addColumn("name", types.text(64), (column) => column.primaryKey().notNull())
      .addColumn("value", types.longText, (column) => column.notNull());
    const tables = {
      keyturn_sessions: sessionTableOptions ? sessions.modifyEnd(sessionTableOptions) : sessions,
      keyturn_tickets: tickets,
      keyturn_settings: settings,
    };
    const indexes = {
      keyturn_sessions: ["model", "account_id"],
      keyturn_tickets: ["model", "account_id", "kind"],
    };
    return [
      ...Object.entries(tables)
        .filter(([table]) => !seen(table))
        .map(([table, query]) => change(table, "the table", query)),
      ...Object.entries(indexes)
        .filter(([table]) => !seen(table)?.indexNames.includes(`${table}_account`))
        .map(([table, columns]) =>
          change(
            table,
            "the index of accounts",
            schema.createIndex(`${table}_account`).on(table).columns(columns),
          ),
        ),
    ];
  },
};
