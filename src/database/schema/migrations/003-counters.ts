import { change, type Migration } from "../ddl.js";

/** Counters of rate limits. */
export const counters: Migration = {
  name: "003-counters",
  changes({ schema }, { types }, seen) {
    const table = schema
      .createTable("keyturn_counters")
      .addColumn("name", types.text(64), (column) => column.primaryKey().notNull())
      .addColumn("times", types.time, (column) => column.notNull())
      .addColumn("blocked_until", types.time, (column) => column.notNull())
      .addColumn("expires_at", types.time, (column) => column.notNull());
    return seen("keyturn_counters") ? [] : [change("keyturn_counters", "the table", table)];
  },
};
