import mysql2 from "mysql2";
import {
  answerOf,
  type Floor,
  type FloorAnswer,
  hashOf,
  isSame,
  newToken,
  nextExpiry,
  nonceOf,
  readShown,
  type Shown,
} from "./answer.js";

type Row = readonly (string | number | null)[];

const selected = `select session.generation, session.token_hash, session.nonce, session.previous_nonce, session.rotated_at,
  session.window_extended_until, session.expires_at, session.client, session.account_id, session.limited_to, session.previous_uid,
  session.ends_at, cast(unix_timestamp(now(3)) * 1000 as signed), account.id, account.provider, account.uid, account.email,
  account.name, account.nickname, account.image, account.created_at, account.updated_at
  from keyturn_sessions as session inner join users as account on account.id = cast(session.account_id as signed)
  where session.client = ? and session.model = 'user'`;

const updated = `update keyturn_sessions set generation = generation + 1, token_hash = ?, previous_nonce = nonce, nonce = ?,
  rotated_at = ?, window_extended_until = 0, expires_at = ?, address = coalesce(?, address) where client = ? and token_hash = ?`;

export function mysqlFloor(uri: string, connections: number, rotating: boolean): Floor {
  const pool = mysql2.createPool({
    uri: uri.replace(/^mariadb:/, "mysql:"),
    connectionLimit: connections,
    charset: "utf8mb4",
    rowsAsArray: true,
    dateStrings: true,
  });
  // Prepared, which takes a third less of the server and of the database than text. Not mysql2/promise: it makes an Error for each
  // call, for its stack.
  const query = (sql: string, values: (string | number | null)[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      pool.execute(sql, values, (error, result) => (error ? reject(error) : resolve(result)));
    });

  const answer = async (shown: Shown, address: string | undefined): Promise<FloorAnswer | undefined> => {
    const [row] = (await query(selected, [shown.client])) as Row[];
    if (!row || !isSame(shown.hash, String(row[1]))) return undefined;
    const now = Number(row[12]);
    const { client, uid } = shown;
    let { token } = shown;
    let expiresAt = Number(row[6]);
    if (uid !== row[15] || now >= expiresAt) return undefined;

    if (rotating) {
      token = newToken();
      expiresAt = nextExpiry(now, expiresAt);
      const values = [hashOf(token), nonceOf(token), now, expiresAt, address ?? null, client, shown.hash];
      const { affectedRows } = (await query(updated, values)) as { affectedRows: number };
      if (affectedRows === 0) return undefined;
    }
    return answerOf(token, client, uid, expiresAt, {
      id: row[13],
      provider: row[14],
      uid: row[15],
      email: row[16],
      name: row[17],
      nickname: row[18],
      image: row[19],
      created_at: isoOf(row[20]),
      updated_at: isoOf(row[21]),
    });
  };

  return (headers, address) => {
    const shown = readShown(headers);
    return shown && answer(shown, address);
  };
}

// datetime(3) that holds UTC: 2026-11-22 09:30:00.000
function isoOf(moment: string | number | null | undefined): string {
  return `${String(moment).replace(" ", "T")}Z`;
}
