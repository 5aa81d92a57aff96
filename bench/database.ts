import { randomBytes } from "node:crypto";
import BetterSqlite from "better-sqlite3";
import { createAuth } from "keyturn";
import { sqlite } from "keyturn/sqlite";
import { hashOf } from "./floor.js";

/** What one connection of the driver holds and follows. */
export interface Held {
  readonly client: string;
  readonly uid: string;
  token: string;
}

export const accounts = 1_000;
export const sessions = 10_000;

/** `rotating`: every request makes a new token. Otherwise none does, for as long as a measurement can take. */
export function authOf(file: string, rotating: boolean) {
  return createAuth({
    baseUrl: "http://localhost:3000",
    database: sqlite(file),
    environment: "test",
    batchRequestBufferThrottle: rotating ? "0s" : "1h",
    models: {
      user: {
        mountAt: "/auth",
        fields: { name: { type: "string" }, nickname: { type: "string" }, image: { type: "string" } },
      },
    },
  });
}

/** Fills a new file with Keyturn's own tables, and answers the first `count` sessions as their clients hold them. */
export async function makeDatabase(file: string, count: number, by: "keyturn" | "floor"): Promise<Held[]> {
  const auth = authOf(file, false);
  await auth.ready();
  fill(file);
  const held: Held[] = [];
  for (let i = 0; i < count; i++) {
    const uid = uidOf(i);
    const client = clientOf(i);
    const headers = await auth.createNewAuthToken("user", i + 1, client);
    held.push({ client, uid, token: headers["access-token"] ?? "" });
  }
  await auth.close();
  if (by === "floor") reissue(file, held);
  return held;
}

function fill(file: string): void {
  const database = new BetterSqlite(file);
  const now = Date.now();
  const moment = new Date(now).toISOString();
  const account = database.prepare(
    "insert into users (provider, uid, email, name, nickname, image, created_at, updated_at) values ('email', ?, ?, ?, ?, ?, ?, ?)",
  );
  const session = database.prepare(
    `insert into keyturn_sessions (client, model, account_id, generation, token_hash, rotated_at, held_until, expires_at, created_at)
     values (?, 'user', ?, 0, ?, ?, 0, ?, ?)`,
  );
  database.transaction(() => {
    for (let i = 0; i < accounts; i++) {
      const uid = uidOf(i);
      const n = digits(i);
      account.run(uid, uid, `Person ${n}`, `p${n}`, `https://images.example.com/${n}.png`, moment, moment);
    }
    for (let i = 0; i < sessions; i++) {
      const hash = hashOf(randomBytes(32).toString("base64url"));
      const expiresAt = Math.floor(now / 1000 + 14 * 86_400) * 1000;
      session.run(clientOf(i), String((i % accounts) + 1), hash, now, expiresAt, now);
    }
  })();
  database.close();
}

// Tokens of the floor are random text of the same length.
function reissue(file: string, held: Held[]): void {
  const database = new BetterSqlite(file);
  const update = database.prepare("update keyturn_sessions set token_hash = ? where client = ?");
  for (const one of held) {
    one.token = randomBytes(60).toString("base64url");
    update.run(hashOf(one.token), one.client);
  }
  database.close();
}

function uidOf(i: number): string {
  return `person${digits(i)}@example.com`;
}

// Of one length, so that all answers have one length.
function digits(i: number): string {
  return String(i % accounts).padStart(4, "0");
}

// 22 characters, as the ids that Keyturn makes.
function clientOf(i: number): string {
  return `client-${String(i).padStart(15, "0")}`;
}
