import { change, type Migration } from "../ddl.js";

/** Devices that have signed in before, and since when the sessions began that the link of a notice ends. */
export const knownDevices: Migration = {
  name: "005-known-devices",
  changes({ schema }, { types }, seen) {
    const table = schema
      .createTable("keyturn_devices")
      .addColumn("mark_hash", types.text(43), (column) => column.primaryKey().notNull())
      .addColumn("model", types.text(64), (column) => column.notNull())
      .addColumn("account_id", types.text(64), (column) => column.notNull())
      .addColumn("family", types.text(64), (column) => column.notNull())
      .addColumn("was_shown", types.time, (column) => column.notNull())
      .addColumn("first_seen_at", types.time, (column) => column.notNull())
      .addColumn("last_seen_at", types.time, (column) => column.notNull())
      .addColumn("expires_at", types.time, (column) => column.notNull());
    const index = schema
      .createIndex("keyturn_devices_account")
      .on("keyturn_devices")
      .columns(["model", "account_id"]);
    const since = schema.alterTable("keyturn_tickets").addColumn("opened_since", types.time);
    const devices = seen("keyturn_devices");
    const tickets = seen("keyturn_tickets");
    return [
      ...(devices ? [] : [change("keyturn_devices", "the table", table)]),
      ...(devices?.indexNames.includes("keyturn_devices_account")
        ? []
        : [change("keyturn_devices", "the index of accounts", index)]),
      ...(tickets?.column("opened_since")
        ? []
        : [change("keyturn_tickets", "the column opened_since", since)]),
    ];
  },
};
