import BetterSqlite from "better-sqlite3";
import { answerOf, type Floor, hashOf, isSame, newToken, nextExpiry, nonceOf, readShown } from "./answer.js";

type Row = readonly (string | number | null)[];

const selected = `select session.generation, session.token_hash, session.nonce, session.previous_nonce, session.rotated_at,
  session.window_extended_until, session.expires_at, session.client, session.account_id, session.limited_to, session.previous_uid,
  session.ends_at, account.id, account.provider, account.uid, account.email, account.name, account.nickname, account.image,
  account.created_at, account.updated_at
  from keyturn_sessions as session inner join users as account on account.id = cast(session.account_id as integer)
  where session.client = ? and session.model = 'user'`;

const updated = `update keyturn_sessions set generation = generation + 1, token_hash = ?, previous_nonce = nonce, nonce = ?,
  rotated_at = ?, window_extended_until = 0, expires_at = ?, address = coalesce(?, address) where client = ? and token_hash = ?`;

export function sqliteFloor(file: string, rotating: boolean): Floor {
  const database = new BetterSqlite(file);
  database.pragma("busy_timeout = 5000");
  database.pragma("journal_mode = wal");
  database.pragma("synchronous = normal");
  database.pragma("foreign_keys = on");
  const find = database.prepare<[string], Row>(selected).raw(true);
  const rotate = database.prepare(updated);

  return (headers, address) => {
    const shown = readShown(headers);
    const row = shown && find.get(shown.client);
    if (!row || !isSame(shown.hash, String(row[1]))) return undefined;
    const now = Date.now();
    const { client, uid } = shown;
    let { token } = shown;
    let expiresAt = Number(row[6]);
    if (uid !== row[14] || now >= expiresAt) return undefined;

    if (rotating) {
      token = newToken();
      expiresAt = nextExpiry(now, expiresAt);
      const { changes } = rotate.run(
        hashOf(token),
        nonceOf(token),
        now,
        expiresAt,
        address ?? null,
        client,
        shown.hash,
      );
      if (changes === 0) return undefined;
    }
    return answerOf(token, client, uid, expiresAt, {
      id: row[12],
      provider: row[13],
      uid: row[14],
      email: row[15],
      name: row[16],
      nickname: row[17],
      image: row[18],
      created_at: row[19],
      updated_at: row[20],
    });
  };
}
