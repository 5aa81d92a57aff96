import { change, type Migration } from "../ddl.js";

/** The audit log. Its ids begin with the time, so that new rows come at the end of each index, and old ones go from its beginning. */
export const auditLog: Migration = {
  name: "004-audit-log",
  changes({ schema }, { types }, seen) {
    const name = "keyturn_audit_log";
    const table = schema
      .createTable(name)
      .addColumn("id", types.text(32), (column) => column.primaryKey().notNull())
      .addColumn("fold", types.text(43))
      .addColumn("term", types.text(8), (column) => column.notNull())
      .addColumn("at", types.time, (column) => column.notNull())
      .addColumn("times", types.time, (column) => column.notNull())
      .addColumn("last_at", types.time, (column) => column.notNull())
      .addColumn("name", types.text(64), (column) => column.notNull())
      .addColumn("owasp", types.text(64), (column) => column.notNull())
      .addColumn("model", types.text(64))
      .addColumn("account_id", types.text(64))
      .addColumn("client", types.text(64))
      .addColumn("address", types.text(64))
      .addColumn("user_agent", types.text(512))
      .addColumn("reason", types.text(255))
      .addColumn("actor_kind", types.text(8))
      .addColumn("actor_name", types.text(255));
    const there = seen(name)?.indexNames ?? [];
    const index = (suffix: string) => schema.createIndex(`${name}_${suffix}`).on(name);
    const indexes = [
      { suffix: "fold", what: "the unique index of folds", query: index("fold").unique().column("fold") },
      { suffix: "term", what: "the index of terms", query: index("term").columns(["term", "id"]) },
      {
        suffix: "account",
        what: "the index of accounts",
        query: index("account").columns(["model", "account_id", "id"]),
      },
    ];
    return [
      ...(seen(name) ? [] : [change(name, "the table", table)]),
      ...indexes
        .filter(({ suffix }) => !there.includes(`${name}_${suffix}`))
        .map(({ what, query }) => change(name, what, query)),
    ];
  },
};
