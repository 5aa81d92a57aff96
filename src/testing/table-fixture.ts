import { CompiledQuery } from "kysely";
import { createRegistry, type Model, type ModelConfig } from "../core/models.js";
import type { Engine } from "../store/engine.js";
import type { TestDatabase } from "./engines.js";

/** An empty database on one of the engines, in which a test makes the tables that an app may have. */
export interface TableFixture extends TestDatabase {
  readonly engine: Engine;
  /** Runs statements of the app's own. */
  run(...statements: readonly string[]): Promise<void>;
  /** Answers rows as the driver gives them. */
  rows(statement: string): Promise<readonly Record<string, unknown>[]>;
}

export function modelOf(config: Partial<ModelConfig> = {}): Model {
  return createRegistry({ person: { mountAt: "/auth", table: "people", ...config } }, {}).model("person");
}

/** Closes what was opened when it is dropped. */
export async function openTables(database: TestDatabase): Promise<TableFixture> {
  const opened: Engine[] = [];
  const newEngine = async (): Promise<Engine> => {
    const engine = await database.newEngine();
    opened.push(engine);
    return engine;
  };
  const engine = await newEngine();
  return {
    ...database,
    engine,
    newEngine,
    async run(...statements) {
      for (const statement of statements) await engine.kysely.executeQuery(CompiledQuery.raw(statement));
    },
    async rows(statement) {
      const { rows } = await engine.kysely.executeQuery<Record<string, unknown>>(
        CompiledQuery.raw(statement),
      );
      return rows;
    },
    async drop() {
      for (const one of opened) await one.close();
      await database.drop();
    },
  };
}
