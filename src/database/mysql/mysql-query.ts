import mysql2, { type FieldPacket, type PoolConnection } from "mysql2";
import type { BoundQuery, Result } from "../driver.js";
import { guard } from "../guard.js";
import { numberOf } from "./errors.js";

const reading = { rowsAsArray: true, dateStrings: true, supportBigNumbers: true } as const;
const readingAsItIs = { ...reading, typeCast: (_field: unknown, next: () => unknown) => next() };

// How an app's pool reads columns is for its own queries, and an older mysql2 loses its place in a row over it (`field.string()`).
function readAs({ config }: PoolConnection) {
  return typeof config.typeCast === "function" ? readingAsItIs : reading;
}

export interface QueryOptions {
  /** Whether the server prepares statements that have values, once on each connection. Otherwise the values are text within the statement. */
  readonly prepared: boolean;
  /** Milliseconds. */
  readonly timeout: number;
}

/** Runs a statement on a connection. Where it takes too long, the connection is of no more use. */
export async function queryOn(
  connection: PoolConnection,
  bound: BoundQuery,
  { prepared, timeout }: QueryOptions,
): Promise<Result> {
  if (!prepared || bound.values.length === 0) return asText(connection, bound, timeout);
  try {
    return await asPrepared(connection, bound, timeout);
  } catch (error) {
    if (numberOf(error) !== tooManyPrepared) throw error;
    return asText(connection, bound, timeout);
  }
}

/** The server has no room for one more prepared statement (`max_prepared_stmt_count`), whoever took it. */
const tooManyPrepared = 1461;

function asPrepared(
  connection: PoolConnection,
  { sql, values }: BoundQuery,
  timeout: number,
): Promise<Result> {
  return answered(connection, timeout, (answer) =>
    connection.execute({ ...readAs(connection), sql, values: values.map(toParameter) }, answer),
  );
}

function asText(connection: PoolConnection, { sql, values }: BoundQuery, timeout: number): Promise<Result> {
  return answered(connection, timeout, (answer) =>
    connection.query({ ...readAs(connection), sql, values: values.map(toLiteral) }, answer),
  );
}

// Whole numbers as text, which servers make a number of as they need it. mysql2 would send a DOUBLE, which MySQL refuses in a `limit`
// and prepares the statement again for elsewhere.
function toParameter(value: unknown): unknown {
  return Number.isSafeInteger(value) ? String(value) : value;
}

const harmless = /^[ !#-&(-[\]-~]*$/;

// mysql2 escapes a quote with a backslash, which is a character like others where the server's mode is NO_BACKSLASH_ESCAPES: there the
// quote would end the text, and what follows would be SQL.
function toLiteral(value: unknown): unknown {
  if (typeof value !== "string" || harmless.test(value)) return value;
  return mysql2.raw(`_utf8mb4 x'${Buffer.from(value).toString("hex")}'`);
}

type Answer = (error: unknown, answer: unknown, fields?: FieldPacket[]) => void;

// With a timer of ours: mysql2's own does not begin before a statement is prepared. A statement that takes too long is ended by the
// server, whose word is waited for, so that nothing is done later that a client was told has failed.
function answered(
  connection: PoolConnection,
  timeout: number,
  send: (answer: Answer) => void,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(new Error("The database did not respond in time"));
    let timer = setTimeout(() => {
      timer = setTimeout(giveUp, killTimeout);
      killQuery(connection);
    }, timeout);
    const answer: Answer = (error, said, fields) => {
      clearTimeout(timer);
      if (error !== null && error !== undefined) reject(error);
      else if (Array.isArray(said)) resolve({ rows: readFloats(said as unknown[][], fields), changes: 0 });
      else resolve({ rows: [], changes: changesOf(said) });
    };
    try {
      send(answer);
    } catch (error) {
      // Values that no statement can have.
      answer(error, undefined);
    }
  });
}

/** Milliseconds that the server has to end a statement. */
const killTimeout = 2000;

/** Asks the server over a connection of its own to end what another one runs. Failing that, the caller gives up. */
function killQuery({ config, threadId }: PoolConnection): void {
  const other = guard(mysql2.createConnection(config));
  other.query(`kill query ${Number(threadId)}`, () => other.destroy());
}

const float = 4;

// A `float` comes in four bytes, whose digits beyond the sixth mean nothing: a server that writes it as text leaves them out.
function readFloats(rows: unknown[][], fields: FieldPacket[] = []): unknown[][] {
  for (let i = 0; i < fields.length && rows.length > 0; i++) {
    if (fields[i]?.columnType !== float) continue;
    for (const row of rows) if (typeof row[i] === "number") row[i] = Number(Number(row[i]).toPrecision(6));
  }
  return rows;
}

/** Rows that were found, also on a pool of the app's own that counts those that became different: an update says both. */
function changesOf(answer: unknown): number {
  if (typeof answer !== "object" || answer === null || !("affectedRows" in answer)) return 0;
  // "Rows matched: 1  Changed: 0  Warnings: 0", in the server's language.
  const found = "info" in answer ? /\d+/.exec(String(answer.info)) : null;
  return Number(found?.[0] ?? answer.affectedRows);
}
