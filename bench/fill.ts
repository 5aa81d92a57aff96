/** Rows in Keyturn's own tables, and sessions as their clients hold them. */
import { hash } from "node:crypto";
import type { SessionTable } from "../src/database/schema/schema.js";
import { type Access, authOf } from "./auth.js";
import type { OwnDatabase, Values } from "./database.js";
import { hashOf, newToken } from "./floors/answer.js";
import { interrupted } from "./processes.js";

/** A session as its client holds it. */
export interface Held {
  readonly client: string;
  readonly uid: string;
  token: string;
}

const sessionsPerAccount = 10;
const batch = 5_000;

/** Makes the tables and fills them: a tenth as many accounts as sessions. */
export async function fill(database: OwnDatabase, access: Access, sessions: number): Promise<void> {
  const auth = authOf(access, false);
  await auth.ready();
  await auth.close();
  const moment = momentFor(database, new Date());
  const accounts = accountsFor(sessions);
  await insert(
    database,
    "users",
    Array.from({ length: accounts }, (_, n) => n),
    (n) => account(n, moment),
  );
  const now = Date.now();
  // In the order of the primary key, because some engines keep the rows in it; by number, they are all over the table.
  const order = Array.from({ length: sessions }, (_, n) => ({ n, client: clientOf(n) }));
  order.sort((a, b) => (a.client < b.client ? -1 : 1));
  await insert(database, "keyturn_sessions", order, ({ n, client }) =>
    session(client, (n % accounts) + 1, now),
  );
  await database.settle();
}

/** Gives new tokens to the sessions of these numbers. */
export async function issue(
  database: OwnDatabase,
  access: Access,
  by: "keyturn" | "floor",
  numbers: readonly number[],
  sessions: number,
): Promise<Held[]> {
  const accounts = accountsFor(sessions);
  const held = numbers.map((n): Held => ({ client: clientOf(n), uid: uidOf(n % accounts), token: "" }));
  if (by === "floor") {
    // Random text of the same length.
    for (const one of held) one.token = newToken();
    await database.setTokenHashes(held.map(({ client, token }) => ({ client, hash: hashOf(token) })));
    return held;
  }
  const auth = authOf(access, false);
  for (let from = 0; from < held.length; from += access.pool) {
    await Promise.all(
      held.slice(from, from + access.pool).map(async (one, i) => {
        const id = ((numbers[from + i] ?? 0) % accounts) + 1;
        const headers = await auth.createNewAuthToken("user", id, one.client);
        one.token = headers["access-token"] ?? "";
      }),
    );
  }
  await auth.close();
  return held;
}

async function insert<T>(
  database: OwnDatabase,
  table: string,
  all: readonly T[],
  rowOf: (one: T) => Values,
): Promise<void> {
  for (let from = 0; from < all.length; from += batch) {
    interrupted.throwIfAborted();
    await database.insert(table, all.slice(from, from + batch).map(rowOf));
  }
}

function account(n: number, moment: string): Values {
  const uid = uidOf(n);
  return {
    provider: "email",
    uid,
    email: uid,
    name: `Person ${digits(n)}`,
    nickname: `p${digits(n)}`,
    image: `https://images.example.com/${digits(n)}.png`,
    created_at: moment,
    updated_at: moment,
  };
}

// As one that has rotated before: the next rotation makes no row longer.
function session(client: string, accountId: number, now: number): Values {
  return {
    client,
    model: "user",
    account_id: String(accountId),
    generation: 2,
    token_hash: hashOf(client),
    nonce: client,
    previous_nonce: client,
    rotated_at: now,
    window_extended_until: 0,
    expires_at: Math.floor(now / 1000 + 14 * 86_400) * 1000,
    created_at: now,
    address: "127.0.0.1",
  } satisfies Partial<SessionTable>;
}

function momentFor({ engine }: OwnDatabase, date: Date): string {
  const iso = date.toISOString();
  return engine === "mysql" ? iso.replace("T", " ").replace("Z", "") : iso;
}

function accountsFor(sessions: number): number {
  return Math.ceil(sessions / sessionsPerAccount);
}

function uidOf(n: number): string {
  return `person${digits(n)}@example.com`;
}

// Of one length, so that all answers have one length.
function digits(n: number): string {
  return String(n).padStart(7, "0");
}

// As random, and as long, as the ids that Keyturn makes.
function clientOf(n: number): string {
  return hash("sha256", String(n), "base64url").slice(0, 22);
}
