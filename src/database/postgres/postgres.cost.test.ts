import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { accepted } from "../../../test/fixtures/accepted.js";
import { type OwnDatabase, ownPostgres } from "../../../test/fixtures/own-database.js";
import { type Account, createRegistry, type Model } from "../../accounts/models.js";
import type { Authentication } from "../../engine/authentication.js";
import { createSessions, type Sessions } from "../../engine/sessions.js";
import { createTokenIssuer } from "../../engine/token.js";
import type { Store } from "../port.js";
import { postgres } from "./database.js";

const server = process.env["TEST_POSTGRES_URL"];
const { models } = createRegistry({ user: { mountAt: "/auth", fields: { name: { type: "string" } } } }, {});
const [user] = models as readonly [Model];

describe.skipIf(server === undefined)("what a request costs PostgreSQL", () => {
  let ours: OwnDatabase;
  let pool: pg.Pool;
  let store: Store;
  let statements = 0;
  beforeAll(async () => {
    ours = await ownPostgres(server ?? "");
    pool = new pg.Pool({ connectionString: ours.url, max: 10 });
    pool.on("connect", (client) => {
      const query = client.query.bind(client);
      const counting = (...args: Parameters<typeof query>): ReturnType<typeof query> => {
        statements++;
        return query(...args);
      };
      Object.assign(client, { query: counting });
    });
    store = await postgres(pool).connect({ models });
    await store.migrate("apply");
  });
  afterAll(async () => {
    await store?.close();
    await pool?.end();
    await ours?.drop();
  });

  const counted = async <T>(work: () => Promise<T>): Promise<{ answer: T; cost: number }> => {
    const before = statements;
    const answer = await work();
    return { answer, cost: statements - before };
  };

  test("one statement for a request inside the window, one for a rotation, two for a straggler", async () => {
    const { sessions, show, signedIn } = await world(store, 300);
    const first = await signedIn();
    const inside = await counted(() => show(first));
    expect(inside).toMatchObject({ cost: 1, answer: { token: first.token } });
    await sleep(320);
    const rotated = await counted(() => show(first));
    expect(rotated.cost).toBe(1);
    expect(rotated.answer?.token).not.toBe(first.token);
    // Its token looks due; the row knows better.
    const straggler = await counted(() => show(first));
    expect(straggler).toMatchObject({ cost: 2, answer: { token: rotated.answer?.token } });
    expect(await sessions.extendWindow(first)).toBe(false);
  });

  test("of 20 requests at one moment one writes; the losers cost two statements at most, and all agree", async () => {
    const { show, signedIn } = await world(store, 300);
    const first = await signedIn();
    await sleep(320);
    const { answer, cost } = await counted(() => Promise.all(Array.from({ length: 20 }, () => show(first))));
    expect(new Set(answer.map((authentication) => authentication?.token)).size).toBe(1);
    expect(answer[0]?.session.generation).toBe(1);
    expect(cost).toBeGreaterThanOrEqual(20);
    expect(cost).toBeLessThanOrEqual(40);
  });

  test("without a window, whoever loses the race is not refused", async () => {
    const { show, signedIn } = await world(store, 0);
    let newest = await signedIn();
    for (let round = 0; round < 10; round++) {
      const turns = await Promise.all([show(newest), show(newest)]);
      expect(turns.map((authentication) => authentication?.session.generation)).toEqual([
        round + 1,
        round + 1,
      ]);
      newest = turns[0] ?? newest;
    }
  });

  test("100,000 rotations stay heap-only and do not bloat the table", { timeout: 180_000 }, async () => {
    const { show, signedIn } = await world(store, 0);
    await pool.query("vacuum full keyturn_sessions");
    const clients = await Promise.all(Array.from({ length: 10 }, signedIn));
    const size = async (): Promise<number> => {
      const { rows } = await pool.query<{ size: string }>(
        "select pg_relation_size('keyturn_sessions') as size",
      );
      return Number(rows[0]?.size);
    };
    const before = await size();
    await Promise.all(
      clients.map(async (client) => {
        let newest: Authentication | undefined = client;
        for (let i = 0; i < 10_000 && newest; i++) newest = await show(newest);
        expect(newest?.session.generation).toBe(10_000);
      }),
    );
    // A connection reports its counters about once a second, so the last thousand may be missing.
    await sleep(1500);
    const { rows } = await pool.query<{ updates: string; hot: string }>(
      "select n_tup_upd as updates, n_tup_hot_upd as hot from pg_stat_user_tables where relname = 'keyturn_sessions' and schemaname = current_schema()",
    );
    expect(Number(rows[0]?.updates)).toBeGreaterThan(90_000);
    expect(Number(rows[0]?.hot) / Number(rows[0]?.updates)).toBeGreaterThan(0.99);
    // Every version kept would be some 30 MB.
    expect(await size()).toBeLessThan(before + 4 * 1024 * 1024);
  });
});

async function world(store: Store, window: number) {
  const issuer = createTokenIssuer([Buffer.from(await store.serverKey(), "base64url")], user.name);
  const sessions: Sessions = createSessions({
    store,
    issuerOf: () => issuer,
    emit: () => undefined,
    now: Date.now,
    settings: {
      changeHeadersOnEachRequest: true,
      batchRequestBufferThrottle: window,
      lostResponses: "expire",
      batchResponses: "repeat",
      tokenLifespan: 3_600_000,
      idleTimeout: null,
      sessionLifetime: null,
      maxNumberOfDevices: 100,
      onTokenReuse: "reject",
    },
  });
  const email = `${Math.random()}@example.com`;
  const account = { provider: "email", uid: email, email, passwordHash: null, confirmed: true, fields: {} };
  const created = await store.accounts.create(user, account);
  const owner: Account | undefined = created === "taken" ? undefined : created.account;
  if (!owner) throw new Error("The address is taken");
  return {
    sessions,
    signedIn: () => sessions.create(user, owner, { userAgent: null, address: null, label: null }),
    show: async ({ token, session }: Authentication) => {
      const credentials = { accessToken: token ?? "", client: session.client, uid: owner.uid };
      return accepted(await sessions.authenticate([user], credentials, { address: null }));
    },
  };
}
