/**
 * The floor: the same statements, the same hashing and the same answer as Keyturn's, written by hand in one file and for this one
 * purpose. No key that tags tokens, no successors, no batches, no slow requests, no cookies, no proxies, no other database.
 */
import { hash, randomFillSync, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders, RequestListener } from "node:http";
import BetterSqlite from "better-sqlite3";
import express from "express";
import { Hono } from "hono";

/** A row of the statement below: session, account, in the order of its columns. */
type Row = readonly (string | number | null)[];

const selected = `select session.generation, session.token_hash, session.nonce, session.previous_nonce, session.rotated_at,
  session.held_until, session.expires_at, session.client, session.account_id, session.limited_to, session.previous_uid,
  session.ends_at, account.id, account.provider, account.uid, account.email, account.name, account.nickname, account.image,
  account.created_at, account.updated_at
  from keyturn_sessions as session inner join users as account on account.id = cast(session.account_id as integer)
  where session.client = ? and session.model = 'user'`;

const updated = `update keyturn_sessions set generation = generation + 1, token_hash = ?, previous_nonce = nonce, nonce = ?,
  rotated_at = ?, held_until = 0, expires_at = ?, address = coalesce(?, address) where client = ? and token_hash = ?`;

const lifespan = 14 * 86_400_000;
const pool = Buffer.alloc(60 * 64);
let used = pool.length;

export function hashOf(token: string): string {
  return hash("sha256", token, "base64url");
}

function newToken(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += 60;
  return pool.toString("base64url", used - 60, used);
}

export interface FloorAnswer {
  readonly account: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
}

export type Floor = (headers: IncomingHttpHeaders, address: string | undefined) => FloorAnswer | undefined;

export function openFloor(file: string, rotating: boolean): Floor {
  const database = new BetterSqlite(file);
  database.pragma("busy_timeout = 5000");
  database.pragma("journal_mode = wal");
  database.pragma("synchronous = normal");
  database.pragma("foreign_keys = on");
  const find = database.prepare<[string], Row>(selected).raw(true);
  const rotate = database.prepare(updated);

  return (headers, address) => {
    const shown = headers["access-token"];
    const client = headers["client"];
    if (typeof shown !== "string" || typeof client !== "string") return undefined;
    const row = find.get(client);
    if (!row) return undefined;
    const shownHash = hashOf(shown);
    const storedHash = String(row[1]);
    if (!timingSafeEqual(Buffer.from(shownHash), Buffer.from(storedHash))) return undefined;
    const now = Date.now();
    const uid = String(row[14]);
    if (headers["uid"] !== uid || now >= Number(row[6])) return undefined;

    let token = shown;
    let expiresAt = Number(row[6]);
    if (rotating) {
      token = newToken();
      expiresAt = Math.max(Math.floor((now + lifespan) / 1000) * 1000, expiresAt + 1000);
      const nonce = token.slice(0, 22);
      const { changes } = rotate.run(
        hashOf(token),
        nonce,
        now,
        expiresAt,
        address ?? null,
        client,
        shownHash,
      );
      if (changes === 0) return undefined;
    }
    const expiry = String(expiresAt / 1000);
    const fields = { "access-token": token, "token-type": "Bearer", client, expiry, uid };
    return {
      account: {
        id: row[12],
        provider: row[13],
        uid: row[14],
        email: row[15],
        name: row[16],
        nickname: row[17],
        image: row[18],
        created_at: row[19],
        updated_at: row[20],
      },
      headers: {
        "access-token": token,
        "token-type": "Bearer",
        client,
        expiry,
        uid,
        authorization: `Bearer ${Buffer.from(JSON.stringify(fields)).toString("base64")}`,
        "cache-control": "no-store",
        vary: "Origin",
      },
    };
  };
}

export function nodeFloor(floor: Floor): RequestListener {
  return (req, res) => {
    const answer = floor(req.headers, req.socket.remoteAddress);
    if (!answer) {
      res.writeHead(401).end();
      return;
    }
    const body = JSON.stringify({ data: answer.account });
    res.writeHead(200, {
      ...answer.headers,
      "content-type": "application/json; charset=utf-8",
      "content-length": Buffer.byteLength(body),
    });
    res.end(body);
  };
}

export function expressFloor(floor: Floor): RequestListener {
  const app = express();
  app.get("/me", (req, res) => {
    const answer = floor(req.headers, req.socket.remoteAddress);
    if (!answer) return void res.status(401).end();
    for (const name in answer.headers) res.setHeader(name, answer.headers[name] ?? "");
    res.json({ data: answer.account });
  });
  return app;
}

export function honoFloor(floor: Floor): Hono<{ Bindings: NodeBindings }> {
  const app = new Hono<{ Bindings: NodeBindings }>();
  app.get("/me", (c) => {
    const { incoming } = c.env;
    const answer = floor(incoming.headers, incoming.socket.remoteAddress);
    if (!answer) return c.body(null, 401);
    return c.json({ data: answer.account }, 200, answer.headers);
  });
  return app;
}

export interface NodeBindings {
  readonly incoming: import("node:http").IncomingMessage;
}
