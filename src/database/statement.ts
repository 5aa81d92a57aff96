import { type Compilable, type RawBuilder, sql } from "kysely";
import type { BoundQuery, Result, SqlExecutor } from "./driver.js";

/** A statement that is compiled once, when the store is made: Kysely's builder costs more than the query it builds. */
export interface Statement<Values> {
  bind(values: Values): BoundQuery;
  run(values: Values): Promise<Result>;
}

/** Gives the place of a value in a statement. */
export type Place<Values> = <Name extends keyof Values & string>(name: Name) => RawBuilder<Values[Name]>;

/** Builds a statement of places for its values. `now`: the database's clock. */
export type Build<Values> = (place: Place<Values>, now: RawBuilder<number>) => Compilable;

class Placeholder {
  constructor(readonly name: string) {}
}

/**
 * Compiles what `build` makes of named places, when it is first needed: by then the migration has seen what the models' tables are.
 * The place `now` is filled by the engine's clock.
 */
export function statement<Values extends object>(
  executor: SqlExecutor,
  build: Build<Values>,
  { isOneRow = false }: { readonly isOneRow?: boolean } = {},
): Statement<Values> {
  let prepared: Prepared | undefined;
  const bind = (values: Values): BoundQuery => {
    prepared ??= prepare(executor, build);
    const { text, parameters, names } = prepared;
    const bound = parameters.slice();
    for (let i = 0; i < names.length; i++) {
      const name = names[i];
      if (name !== undefined) bound[i] = name === "now" ? executor.now() : values[name as keyof Values];
    }
    return { sql: text, values: bound, isOneRow };
  };
  return { bind, run: (values) => executor.run(bind(values)) };
}

interface Prepared {
  readonly text: string;
  readonly parameters: readonly unknown[];
  /** What fills each parameter; `undefined`: it is a value already. */
  readonly names: readonly (string | undefined)[];
}

function prepare<Values extends object>(executor: SqlExecutor, build: Build<Values>): Prepared {
  const given = sql<number>`${new Placeholder("now")}`;
  const { sql: text, parameters } = build(
    (name) => sql`${new Placeholder(name)}`,
    executor.dialect.now(given),
  ).compile();
  const names = parameters.map((one) => (one instanceof Placeholder ? one.name : undefined));
  return { text, parameters, names };
}
