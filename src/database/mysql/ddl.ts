import { sql } from "kysely";
import { integerOf } from "../schema/column-type.js";
import type { DdlEngine } from "../schema/ddl-engine.js";

export const mysqlDdl: DdlEngine = {
  id: {
    integer: sql`int auto_increment primary key`,
    bigint: sql`bigint auto_increment primary key`,
    // Compared like the ids that sessions keep, or the join could not use the key.
    uuid: sql`char(36) character set utf8mb4 collate utf8mb4_bin primary key`,
  },
  uuid: "text",
  isTransactional: false,
  // Names have at most 64 characters; and MySQL 9.6 and newer have md5() only as a component.
  lock: sql`select get_lock(concat('keyturn ', left(sha2(database(), 256), 32)), 0) as taken`,
  unlock: sql`select release_lock(concat('keyturn ', left(sha2(database(), 256), 32)))`,
  waiting: undefined,
  dropsDefaults: true,
  foldsTables: false,
  foldsColumns: true,
  // Duplicate table, column, index, key; deadlock, lock timeout. A cluster may know no locks by name.
  races: [1050, 1060, 1061, 1062, 1213, 1205],
  // MariaDB writes a default of null as the text NULL. The length of a text column of its own kind (`tinytext`) is in bytes.
  columns: (tables) => sql`
    select c.table_name as \`table\`, t.table_type = 'VIEW' as is_view, c.column_name as name,
      concat(lower(c.data_type), case when c.column_type like '%unsigned%' then ' unsigned' else '' end) as type,
      c.column_type as full_type,
      case when c.data_type = 'bit' then c.numeric_precision else c.character_maximum_length end as length,
      case when c.data_type = 'decimal' then c.numeric_scale else c.datetime_precision end as scale,
      case when c.data_type in ('enum', 'set') then replace(replace(substring(c.column_type, locate('(', c.column_type) + 2,
        char_length(c.column_type) - locate('(', c.column_type) - 3), ''',''', '\n'), '''''', '''') end as labels,
      c.is_nullable = 'YES' as nullable,
      coalesce(c.column_default, 'NULL') <> 'NULL' or c.extra like '%auto_increment%' as has_default,
      c.extra like '%virtual%' or c.extra like '%persistent%' or c.extra like '%stored%' as is_generated,
      c.extra like '%on update%' as is_touched,
      c.character_set_name as charset, c.collation_name as collation,
      case when e.transactions = 'NO' then t.engine end as lax_engine
    from information_schema.columns as c
      join information_schema.tables as t on t.table_schema = c.table_schema and t.table_name = c.table_name
      left join information_schema.engines as e on e.engine = t.engine
    where c.table_schema = database() and c.table_name in (${tables}) order by c.table_name, c.ordinal_position`,
  indexes: (tables) => sql`
    select s.table_name as \`table\`, s.index_name as name, s.non_unique = 0 and s.sub_part is null as is_unique,
      s.column_name as \`column\`
    from information_schema.statistics as s
    where s.table_schema = database() and s.table_name in (${tables})`,
  types: [
    ...integers("tinyint", 8),
    ...integers("smallint", 16),
    ...integers("mediumint", 24),
    ...integers("int", 32),
    ...integers("bigint", 64),
    // It makes 1970 of 70.
    [/^year$/, { is: "integer", least: 1901n, most: 2155n }],
    [/^longtext$/, { is: "text", isParsed: true }],
    [/^(var)?char$|text$|^enum$/, { is: "text" }],
    [/^bit$/, { is: "bit" }],
    [/^decimal/, { is: "decimal" }],
    [/^float/, { is: "float", digits: 6 }],
    [/^double/, { is: "float" }],
    [/^date$/, { is: "date" }],
    [/^datetime$/, { is: "zoneless" }],
    [/^timestamp$/, { is: "session" }],
    [/^uuid$/, { is: "uuid" }],
    [/^inet[46]$/, { is: "address" }],
  ],
  own: { text: "varchar", moment: "datetime", integer: "bigint", number: "double", boolean: "tinyint" },
  wanted: {
    text: "varchar(255)",
    moment: "datetime(3)",
    integer: "bigint",
    number: "double",
    boolean: "tinyint(1)",
  },
  select: {
    bit: (column) => sql`${column} + 0`,
    // Whatever zone the connection speaks, and without the hour that comes twice.
    session: (column) => sql`unix_timestamp(${column})`,
  },
  bit: (value) => (value ? sql`b'1'` : sql`b'0'`),
  sessionMoment: (ms) => sql`from_unixtime(cast(${String(ms / 1000)} as decimal(20, 3)))`,
  // `0000-00-00`, and days without a month.
  isNoMoment: (column) => sql`dayofmonth(${column}) = 0`,
};

function integers(name: string, bits: number): DdlEngine["types"] {
  return [
    [new RegExp(`^${name}$`), integerOf(bits)],
    [new RegExp(`^${name} unsigned$`), integerOf(bits, false)],
  ];
}
