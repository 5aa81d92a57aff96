import pg from "pg";
import {
  answerOf,
  type Floor,
  type FloorAnswer,
  hashOf,
  isSame,
  lifespan,
  newToken,
  nonceOf,
  readShown,
  type Shown,
} from "./answer.js";

type Row = readonly (string | null)[];

// All as the text that arrives: pg's Date for a moment costs more than a hash, and JSON needs text.
const types = { getTypeParser: () => String } as pg.CustomTypesConfig;

// The database's clock, as Keyturn's: milliseconds.
const now = "(extract(epoch from statement_timestamp()) * 1000)::bigint";

const columns = `session.generation, session.token_hash, session.nonce, session.previous_nonce, session.rotated_at,
  session.window_extended_until, session.expires_at, session.client, session.account_id, session.limited_to, session.previous_uid,
  session.ends_at, ${now}, account.id, account.provider, account.uid, account.email, account.name, account.nickname,
  account.image, account.created_at, account.updated_at`;

const selected = `select ${columns}
  from keyturn_sessions as session join users as account on account.id = session.account_id::bigint
  where session.client = $1 and session.model = 'user'`;

/** Verifies, rotates and loads in one statement. */
const updated = `update keyturn_sessions as session set generation = session.generation + 1, token_hash = $1,
  previous_nonce = session.nonce, nonce = $2, rotated_at = ${now}, window_extended_until = 0,
  expires_at = least(greatest((${now} + ${lifespan}) / 1000 * 1000, session.expires_at + 1000), session.ends_at / 1000 * 1000),
  address = coalesce($3, session.address)
  from users as account
  where session.client = $4 and session.token_hash = $5 and session.model = 'user' and session.limited_to is null
  and session.expires_at > ${now} and session.rotated_at + ${lifespan} > ${now} and session.rotated_at <= ${now}
  and account.id = session.account_id::bigint and (account.uid = $6 or session.previous_uid = $6)
  returning ${columns}`;

export function postgresFloor(connectionString: string, connections: number, rotating: boolean): Floor {
  const pool = new pg.Pool({ connectionString, max: connections, keepAlive: true });
  // At the end the database goes away under idle connections.
  pool.on("error", () => {});
  const one = async (name: string, text: string, values: unknown[]): Promise<Row | undefined> =>
    (await pool.query<(string | null)[]>({ name, text, values, rowMode: "array", types })).rows[0];

  const verify = async (shown: Shown): Promise<FloorAnswer | undefined> => {
    const row = await one("verify", selected, [shown.client]);
    if (!row || !isSame(shown.hash, String(row[1]))) return undefined;
    if (shown.uid !== row[15] || Number(row[12]) >= Number(row[6])) return undefined;
    return answer(shown.token, shown, row);
  };
  const rotate = async (shown: Shown, address: string | undefined): Promise<FloorAnswer | undefined> => {
    const token = newToken();
    const values = [hashOf(token), nonceOf(token), address, shown.client, shown.hash, shown.uid];
    const row = await one("rotate", updated, values);
    return row && answer(token, shown, row);
  };

  return (headers, address) => {
    const shown = readShown(headers);
    if (!shown) return undefined;
    return rotating ? rotate(shown, address) : verify(shown);
  };
}

function answer(token: string, { client, uid }: Shown, row: Row): FloorAnswer {
  return answerOf(token, client, uid, Number(row[6]), {
    id: Number(row[13]),
    provider: row[14],
    uid: row[15],
    email: row[16],
    name: row[17],
    nickname: row[18],
    image: row[19],
    created_at: isoOf(row[20]),
    updated_at: isoOf(row[21]),
  });
}

// timestamptz in a connection whose zone is UTC: 2026-11-22 09:30:00+00, with as many digits of a second as it needs.
function isoOf(moment: string | null | undefined): string {
  const text = String(moment);
  if (!text.endsWith("+00")) return new Date(text).toISOString();
  const time = text.slice(11, -3);
  return `${text.slice(0, 10)}T${(time.length === 8 ? `${time}.` : time).padEnd(12, "0")}Z`;
}
