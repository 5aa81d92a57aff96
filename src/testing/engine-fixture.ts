import { setImmediate as nextTurn } from "node:timers/promises";
import { type AuthEvent, createEmitter } from "../core/events.js";
import { type Account, createRegistry, type Model } from "../core/models.js";
import { createSessions, type SessionSettings, type Sessions, type Turn } from "../core/sessions.js";
import type { Store } from "../core/store.js";
import { createTokenMint, type TokenMint } from "../core/token.js";
import type { BoundQuery, Engine, Result, Step } from "../store/engine.js";
import { createSqlStore } from "../store/sql-store.js";
import { sqliteEngine } from "../store/sqlite.js";
import { openSqlite } from "../store/sqlite-driver.js";
import type { TestDatabase } from "./engines.js";

/** The engine over a real store, with a clock that stands still, counted statements and a place to interrupt them. */

export const { models } = createRegistry(
  { user: { mountAt: "/auth" }, admin: { mountAt: "/admin_auth" } },
  {},
);
export const [user, admin] = models as readonly [Model, Model];

export const second = 1000;
export const day = 24 * 60 * 60 * second;

export const defaults: SessionSettings = {
  changeHeadersOnEachRequest: true,
  batchRequestBufferThrottle: 5 * second,
  lostResponses: "expire",
  batchResponses: "repeat",
  tokenLifespan: 14 * day,
  idleTimeout: null,
  sessionLifetime: null,
  maxNumberOfDevices: 10,
  onTokenReuse: "reject",
};

/** What a client keeps of an answer. */
export interface Held {
  readonly client: string;
  readonly uid: string;
  readonly token: string;
  readonly expiry: number;
}

export interface TestClock {
  now: number;
  forward(ms: number): void;
}

export interface ServerOptions {
  readonly settings?: Partial<SessionSettings>;
  /** The first signs, all verify. */
  readonly keys?: readonly Uint8Array[];
  /** How far this server's clock is ahead of the database's, milliseconds. */
  readonly skew?: number;
}

export interface TestEngine {
  readonly store: Store;
  /** Whether it verifies, rotates and loads in one statement. */
  readonly joins: boolean;
  readonly clock: TestClock;
  /** Everything that any server of this engine reported, in order. */
  readonly events: AuthEvent[];
  /** Statements that were run, and rows that they wrote. */
  readonly traffic: { statements: number; writes: number };
  /** Runs before each statement: a test may wait here, or do something else first. */
  interrupt: ((sql: string) => Promise<void>) | undefined;
  /** Resolves when no statement is in the database: whoever asked is done, or waits in `interrupt`. */
  quiet(): Promise<void>;
  server(options?: ServerOptions): Sessions;
  /** A new confirmed account. */
  register(model?: Model, uid?: string): Promise<Account>;
  close(): Promise<void>;
}

export const firstKey = Buffer.alloc(32, 7);
const start = Date.UTC(2026, 0, 1);

type OpenEngine = (now: () => number) => Promise<Engine>;

/** Opens a database that goes when the engine over it is closed. */
export function overOwn(create: () => Promise<TestDatabase>): OpenEngine {
  return async (now) => {
    const database = await create();
    const engine = await database.newEngine(now);
    const close = async (): Promise<void> => {
      await engine.close();
      await database.drop();
    };
    return { ...engine, close };
  };
}

const inMemory: OpenEngine = async (now) => sqliteEngine(await openSqlite(":memory:"), now);

/** Over SQLite in memory, which only this engine sees, where no other database is given. */
export async function testEngine(open = inMemory): Promise<TestEngine> {
  const clock: TestClock = {
    now: start,
    forward(ms) {
      clock.now += ms;
    },
  };
  const inner = await open(() => clock.now);
  let running = 0;
  const counted = async <T>(work: Promise<T>): Promise<T> => {
    running++;
    return work.finally(() => running--);
  };
  const run = async (query: BoundQuery) => {
    await engine.interrupt?.(query.sql);
    const result = await counted(inner.run(query));
    engine.traffic.statements++;
    engine.traffic.writes += writesOf(query, result);
    return result;
  };
  const atomically = async (steps: readonly Step[]) => {
    const results = await counted(inner.atomically(steps));
    for (const [i, { query }] of steps.entries()) engine.traffic.writes += writesOf(query, results?.[i]);
    engine.traffic.statements += steps.length;
    return results;
  };
  const store = createSqlStore({ ...inner, run, atomically }, models);
  await store.migrate("apply");
  let registered = 0;
  const engine: TestEngine = {
    store,
    joins: inner.dialect.joinsInUpdates,
    clock,
    events: [],
    traffic: { statements: 0, writes: 0 },
    interrupt: undefined,
    async quiet() {
      do await nextTurn();
      while (running > 0);
    },
    server({ settings = {}, keys = [firstKey], skew = 0 } = {}) {
      const now = (): number => clock.now + skew;
      const mints = new Map(models.map((model) => [model, createTokenMint(keys, model.name)]));
      const mintOf = (model: Model): TokenMint => mints.get(model) ?? createTokenMint(keys, model.name);
      const emit = createEmitter(
        (event) => engine.events.push(event),
        now,
        (error) => {
          throw error;
        },
      );
      const all = { ...defaults, ...settings };
      return createSessions({ store, mintOf, settings: all, emit, now, stopwatch: () => clock.now });
    },
    async register(model = user, uid = `person${++registered}@example.com`) {
      const record = await store.accounts.create(model, {
        provider: "email",
        uid,
        email: uid,
        passwordHash: "hash",
        confirmed: true,
        fields: {},
      });
      if (record === "taken") throw new Error(`${uid} is taken`);
      return record.account;
    },
    close: () => store.close(),
  };
  return engine;
}

// PostgreSQL counts the rows that a select answers too.
function writesOf({ sql }: BoundQuery, result: Result | undefined): number {
  return sql.startsWith("select") ? 0 : (result?.changes ?? 0);
}

const device = { userAgent: "test", address: "192.0.2.1", label: null };

export async function signIn(sessions: Sessions, account: Account, model: Model = user): Promise<Held> {
  return keep(await sessions.open(model, account, device));
}

/** Shows what the client holds to a server. */
export function show(
  sessions: Sessions,
  held: Held,
  options: {
    readonly models?: readonly Model[];
    readonly unbatch?: boolean;
    readonly limited?: boolean;
  } = {},
): Promise<Turn | undefined> {
  const { models: asked = [user], ...rest } = options;
  const credentials = { accessToken: held.token, client: held.client, uid: held.uid };
  return sessions.admit(asked, credentials, { address: null, ...rest });
}

/** What a client holds after an answer. Throws when the answer carries no token, so that a test need not ask. */
export function keep(turn: Turn | undefined): Held {
  if (!turn) throw new Error("The request was refused");
  if (turn.token === undefined) throw new Error("The answer carries no token");
  return { client: turn.session.client, uid: turn.account.uid, token: turn.token, expiry: turn.expiry };
}

/** Shows, and holds what comes back. */
export async function turn(sessions: Sessions, held: Held): Promise<Held> {
  return keep(await show(sessions, held));
}

/** The generation that a token names. */
export function generationOf(token: string): number {
  return Buffer.from(token, "base64url").readUIntBE(1, 5);
}

export function eventNames(engine: TestEngine): readonly string[] {
  return engine.events.map((event) => event.name).filter((name) => name !== "session.created");
}
