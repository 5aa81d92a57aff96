import { parseArgs } from "node:util";

export type EngineName = "sqlite" | "postgres" | "mysql";

export interface Options {
  readonly engine: EngineName;
  /** Of the database server; nothing for SQLite. */
  readonly url: string;
  /** Numbers of server processes, measured one after the other. */
  readonly processes: readonly number[];
  /** Numbers of session rows, measured one after the other. */
  readonly rows: readonly number[];
  /** Of the driver, to all server processes together. */
  readonly connections: number;
  /** Connections to the database of each server process. */
  readonly pool: number;
  readonly isPrepared: boolean;
  /** Whether SQLite has never run `analyze` on the database. */
  readonly isFresh: boolean;
  readonly seconds: number;
  readonly rounds: number;
  readonly only: string;
  readonly profile: string | undefined;
}

/** Reads the command line. `defaults`: what a program has instead of the usual. */
export function readOptions(defaults: { readonly [option: string]: string } = {}): Options {
  const text = (name: string, usual: string) => ({
    type: "string" as const,
    default: defaults[name] ?? usual,
  });
  const { values } = parseArgs({
    options: {
      database: text("database", "sqlite"),
      processes: text("processes", "1"),
      rows: text("rows", "10000"),
      connections: text("connections", "16"),
      pool: text("pool", "10"),
      seconds: text("seconds", "2"),
      rounds: text("rounds", "7"),
      only: text("only", ""),
      "synchronous-commit": { type: "string" },
      "no-prepared": { type: "boolean", default: false },
      fresh: { type: "boolean", default: false },
      profile: { type: "string" },
    },
  });
  const engine = engineOf(values.database);
  return {
    engine,
    url: withCommit(urlOf(engine), values["synchronous-commit"]),
    processes: numbers("processes", values.processes),
    rows: numbers("rows", values.rows),
    connections: number("connections", values.connections),
    pool: number("pool", values.pool),
    isPrepared: !values["no-prepared"],
    isFresh: values.fresh,
    seconds: number("seconds", values.seconds),
    rounds: number("rounds", values.rounds),
    only: values.only,
    profile: values.profile,
  };
}

/** The URL with `synchronous_commit` for each connection that is made from it. */
export function withCommit(url: string, setting: string | undefined): string {
  if (setting === undefined) return url;
  if (!/^postgres/.test(url)) throw new TypeError("--synchronous-commit is for PostgreSQL");
  const changed = new URL(url);
  changed.searchParams.set("options", `-c synchronous_commit=${setting}`);
  return changed.href;
}

export function engineOf(text: string): EngineName {
  if (text === "sqlite" || text === "postgres" || text === "mysql") return text;
  throw new TypeError(`--database takes sqlite, postgres or mysql, not "${text}"`);
}

/** Of the server to use; nothing for SQLite, which has none. */
export function urlOf(engine: EngineName): string {
  if (engine === "sqlite") return "";
  const names = ["BENCH", "TEST"].map((prefix) => `${prefix}_${engine.toUpperCase()}_URL`);
  const url = names.map((name) => process.env[name]).find((value) => value !== undefined && value !== "");
  if (url === undefined)
    throw new Error(
      `--database ${engine} needs a server: set ${names.join(" or ")} to the URL of one where a database may be created`,
    );
  return url;
}

function numbers(name: string, text: string): number[] {
  return text.split(",").map((part) => number(name, part));
}

function number(name: string, text: string): number {
  const value = Number(text);
  if (value > 0) return value;
  throw new TypeError(`--${name} takes numbers above 0, not "${text}"`);
}
