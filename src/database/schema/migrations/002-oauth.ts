import { change, type Migration } from "../ddl.js";

/** Identities at providers, and the one-time entries of a sign-in with one of them. */
export const oauthTables: Migration = {
  name: "002-oauth",
  changes({ schema }, { types }, seen) {
    // The key is a hash: MySQL passes over blanks at the end of what a unique index compares, and cannot index three long texts.
    const identities = schema
      .createTable("keyturn_identities")
      .addColumn("id", types.text(43), (column) => column.primaryKey().notNull())
      .addColumn("model", types.text(64), (column) => column.notNull())
      .addColumn("account_id", types.text(64), (column) => column.notNull())
      .addColumn("issuer", types.text(255), (column) => column.notNull())
      .addColumn("subject", types.text(255), (column) => column.notNull())
      .addColumn("provider", types.text(64), (column) => column.notNull())
      .addColumn("name", types.text(255))
      .addColumn("email", types.text(255))
      .addColumn("created_at", types.time, (column) => column.notNull())
      .addColumn("last_used_at", types.time, (column) => column.notNull())
      .addColumn("tokens", types.longText);
    const flows = schema
      .createTable("keyturn_oauth_flows")
      .addColumn("hash", types.text(43), (column) => column.primaryKey().notNull())
      .addColumn("kind", types.text(32), (column) => column.notNull())
      .addColumn("data", types.longText, (column) => column.notNull())
      .addColumn("expires_at", types.time, (column) => column.notNull())
      .addColumn("used_at", types.time);
    const index = schema
      .createIndex("keyturn_identities_account")
      .on("keyturn_identities")
      .columns(["model", "account_id"]);
    return [
      ...(seen("keyturn_identities") ? [] : [change("keyturn_identities", "the table", identities)]),
      ...(seen("keyturn_oauth_flows") ? [] : [change("keyturn_oauth_flows", "the table", flows)]),
      ...(seen("keyturn_identities")?.indexNames.includes("keyturn_identities_account")
        ? []
        : [change("keyturn_identities", "the index of accounts", index)]),
    ];
  },
};
