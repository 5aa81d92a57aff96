import { sql } from "kysely";
import { integerOf } from "../schema/column-type.js";
import type { DdlEngine } from "../schema/ddl-engine.js";
import { failureOf } from "./errors.js";

export const sqliteDdl: DdlEngine = {
  id: {
    // Never gives the number of a deleted account to a new one.
    integer: sql`integer primary key autoincrement`,
    bigint: sql`integer primary key autoincrement`,
    uuid: sql`text primary key not null`,
  },
  uuid: "text",
  isTransactional: true,
  lock: undefined,
  unlock: undefined,
  waiting: { read: sql`pragma busy_timeout`, set: (ms) => sql`pragma busy_timeout = ${sql.lit(ms)}` },
  dropsDefaults: false,
  foldsTables: true,
  foldsColumns: true,
  races: [],
  isBusy: (error) => failureOf(error) === "passing",
  // Only `integer primary key` numbers its rows. `int primary key` and `integer primary key desc` leave them null: they have an index.
  columns: (tables) => sql`
    select t.name as "table", t.type = 'view' as is_view, c.name as name, lower(c.type) as type, lower(c.type) as full_type,
      null as length, null as scale, null as labels, not c."notnull" as nullable,
      c.dflt_value is not null or (c.pk = 1 and lower(c.type) = 'integer' and
        not exists (select 1 from pragma_index_list(t.name) as i where i.origin = 'pk')) as has_default,
      c.hidden <> 0 as is_generated, 0 as is_touched, null as charset, null as collation, null as lax_engine
    from sqlite_master as t join pragma_table_xinfo(t.name) as c
    where t.type in ('table', 'view') and lower(t.name) in (${tables}) order by t.name, c.cid`,
  indexes: (tables) => sql`
    select t.name as "table", i.name as name, i."unique" and not i.partial as is_unique, c.name as "column"
    from sqlite_master as t join pragma_index_list(t.name) as i join pragma_index_info(i.name) as c
    where t.type = 'table' and lower(t.name) in (${tables})
    union all
    select t.name, 'primary', 1, c.name from sqlite_master as t join pragma_table_info(t.name) as c
    where t.type = 'table' and c.pk > 0 and lower(t.name) in (${tables})`,
  // A name that means something to other databases says what the app keeps there; then https://www.sqlite.org/datatype3.html §3.1.
  types: [
    [/^(datetime|timestamp)/, { is: "zoneless" }],
    [/^date/, { is: "date", isLoose: true }],
    [/^bool/, { is: "boolean" }],
    [/^bit/, { is: "bit" }],
    [/int|(numeric|decimal)\(\d+(, ?0)?\)/, integerOf(64)],
    [/char|clob|text/, { is: "text" }],
    [/^uuid$/, { is: "uuid" }],
    [/^(any)?$/, { is: "any" }],
    [/blob/, { is: "other" }],
    [/real|floa|doub/, { is: "float" }],
    [/numeric|decimal/, { is: "decimal" }],
  ],
  own: { text: "text", moment: "text", integer: "integer", number: "real", boolean: "integer" },
  wanted: { text: "text", moment: "text", integer: "integer", number: "real", boolean: "integer" },
  select: {
    // JavaScript's exact integers end where SQLite's go on.
    integer: (column) =>
      sql`case when typeof(${column}) = 'integer' and abs(${column}) > 9007199254740991 then cast(${column} as text) else ${column} end`,
  },
  bit: Number,
  sessionMoment: (ms) => new Date(ms).toISOString(),
  isNoMoment: (
    column,
  ) => sql`case typeof(${column}) when 'text' then ${column} not like '____-__-__%' or ${column} like '0000%'
    else ${column} = 0 end`,
};
