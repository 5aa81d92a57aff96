import pg from "pg";
import type { BoundQuery, Result } from "../driver.js";

type Parse = (text: string) => unknown;
type Answer = (error: Error | null, result: Result) => void;

const [int8, timestamptz] = [20, 1184];

/** How a column's text is read. */
function parserOf(oid: number): Parse {
  if (oid === int8) return toNumber;
  if (oid === timestamptz) return toIsoMoment;
  return pg.types.getTypeParser(oid, "text");
}

/** The same for a query that pg makes. */
const types = {
  getTypeParser: (oid: number, format?: "text" | "binary") =>
    format === "binary" ? pg.types.getTypeParser(oid, "binary") : parserOf(oid),
} as pg.CustomTypesConfig;

/** Runs a statement on a connection. `name`: under which it is prepared; `undefined`: it is sent whole each time. */
export function queryOn(
  client: pg.ClientBase,
  { sql: text, values }: BoundQuery,
  name: string | undefined,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const answer: Answer = (error, result) => {
      if (error) reject(error);
      else resolve(result);
    };
    if (name !== undefined && takesQueries(client)) {
      client.query(new PreparedQuery(name, text, values, answer));
      return;
    }
    const named = name === undefined ? {} : { name };
    client.query<unknown[]>(
      { text, values: [...values], rowMode: "array", types, ...named },
      (error: Error | null, result?: { rows: unknown[][]; rowCount: number | null }) =>
        answer(error, { rows: result?.rows ?? [], changes: result?.rowCount ?? 0 }),
    );
  });
}

/** What is known of a connection: how to read the columns of each statement that is prepared there, by name. */
const shapes = new WeakMap<PgConnection, Map<string, readonly Parse[]>>();

/** The members of pg's connection that are used beyond its types; pg's own cursors use the same. */
interface PgConnection extends pg.Connection {
  /** Text of each statement that is prepared here, by name; pg adds to it when the database says that one is. */
  readonly parsedStatements: Readonly<Record<string, string | undefined>>;
}

// The driver over libpq has no such connection, and one in pipeline mode wants no queries but its own.
function takesQueries(client: pg.ClientBase): boolean {
  const { connection, pipeline } = client as { connection?: Partial<PgConnection>; pipeline?: boolean };
  return pipeline !== true && connection?.parsedStatements !== undefined;
}

/**
 * A prepared statement, as pg's `Query` sends it, but that asks only once on each connection what the columns are: the answer is
 * longer than most rows, and reading it costs more than the row. The database itself sees to it that they stay what they were: a
 * prepared statement whose columns have changed fails (PostgreSQL, `cached plan must not change result type`).
 *
 * pg calls `submit`, then the handlers (node-postgres, "Submittable").
 */
class PreparedQuery {
  callback: Answer;
  readonly name: string;
  readonly text: string;
  readonly #values: readonly unknown[];
  readonly #rows: unknown[][] = [];
  #changes = 0;
  #failed: Error | undefined;
  #parsers: readonly Parse[] | undefined;
  #shapes: Map<string, readonly Parse[]> | undefined;

  constructor(name: string, text: string, values: readonly unknown[], callback: Answer) {
    this.name = name;
    this.text = text;
    this.#values = values;
    this.callback = callback;
  }

  submit(given: pg.Connection): null {
    const connection = given as PgConnection;
    this.#shapes = shapes.get(connection);
    if (!this.#shapes) {
      this.#shapes = new Map();
      shapes.set(connection, this.#shapes);
    }
    const isPrepared = connection.parsedStatements[this.name] !== undefined;
    this.#parsers = isPrepared ? this.#shapes.get(this.name) : undefined;
    // Connections of other packages, such as Neon's, may have no cork.
    const stream: { cork?(): void; uncork?(): void } = connection.stream;
    // One write for all of the messages.
    stream.cork?.();
    try {
      if (!isPrepared) connection.parse({ name: this.name, text: this.text, types: [] }, true);
      connection.bind({ statement: this.name, values: this.#values.map(toText) }, true);
      if (!this.#parsers) connection.describe({ type: "P" }, true);
      connection.execute(null, true);
      connection.sync();
    } finally {
      stream.uncork?.();
    }
    return null;
  }

  handleRowDescription({ fields }: { readonly fields: readonly { readonly dataTypeID: number }[] }): void {
    this.#parsers = fields.map(({ dataTypeID }) => parserOf(dataTypeID));
    this.#shapes?.set(this.name, this.#parsers);
  }

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    if (this.#failed) return;
    try {
      const row = new Array<unknown>(fields.length);
      for (let i = 0; i < fields.length; i++) {
        const text = fields[i] ?? null;
        row[i] = text === null ? null : this.#parsers?.[i]?.(text);
      }
      this.#rows.push(row);
    } catch (error) {
      // A parser of the app's own may throw. It is told when the connection is ready for the next query.
      this.#failed =
        error instanceof Error ? error : new Error("A value could not be read", { cause: error });
    }
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    // "SELECT 1", "UPDATE 1", "INSERT 0 1"
    this.#changes = Number(text.slice(text.lastIndexOf(" ") + 1)) || 0;
    // A statement without columns.
    if (!this.#parsers) this.#shapes?.set(this.name, []);
  }

  handleReadyForQuery(): void {
    this.callback(this.#failed ?? null, { rows: this.#rows, changes: this.#changes });
  }

  handleError(error: Error): void {
    this.callback(error, { rows: [], changes: 0 });
  }
}

function toText(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}

// Ours are times and counts, and ids that fit: a number, not text.
function toNumber(text: string): number | string {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : text;
}

const utc = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?\+00$/;

// Most connections speak UTC, and then a moment is ISO 8601 but for three letters.
function toIsoMoment(text: string): unknown {
  const [, date, time, fraction = ""] = utc.exec(text) ?? [];
  if (date === undefined) return pg.types.getTypeParser(timestamptz, "text")(text);
  return `${date}T${time}.${fraction.slice(0, 3).padEnd(3, "0")}Z`;
}
