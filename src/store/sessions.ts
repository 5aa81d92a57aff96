import { sql } from "kysely";
import type { Model } from "../core/models.js";
import type {
  FoundSession,
  ListedSession,
  NewSession,
  Rotation,
  Session,
  SessionStore,
} from "../core/store.js";
import type { TokenHash } from "../core/token.js";
import { type AccountColumns, accountColumns, ofModel, readAccount } from "./account-columns.js";
import type { Engine } from "./engine.js";
import { joinedRotation } from "./joined-rotation.js";
import { textOrNull, wholeSeconds } from "./rows.js";
import { accountsTable } from "./schema.js";
import { type Statement, statement } from "./statement.js";

const stateColumns = [
  "generation",
  "token_hash",
  "nonce",
  "previous_nonce",
  "rotated_at",
  "held_until",
  "expires_at",
  "client",
  "account_id",
  "limited_to",
  "previous_uid",
  "ends_at",
] as const;

/** The statements over `keyturn_sessions`. */
export function createSessionStore(engine: Engine, models: readonly Model[]): SessionStore {
  const { kysely, dialect } = engine;
  const found = new Map(models.map((model) => [model, findStatement(engine, model)]));
  const lockAccount = new Map(models.map((model) => [model, lockStatement(engine, model)]));
  const joined = dialect.joinsInUpdates
    ? new Map(
        models.map((model) => [model, joinedRotation(engine, model, stateColumns, accountColumns(model))]),
      )
    : undefined;

  const rotate = statement<RotateValues>(engine, (place) =>
    kysely
      .updateTable("keyturn_sessions")
      .set({
        generation: sql<number>`generation + 1`,
        token_hash: place("nextTokenHash"),
        previous_nonce: sql.ref("nonce"),
        nonce: place("nonce"),
        rotated_at: place("rotatedAt"),
        held_until: 0,
        expires_at: place("expiresAt"),
        address: sql<string>`coalesce(${place("address")}, address)`,
      })
      .where("client", "=", place("client"))
      .where("token_hash", "=", place("tokenHash")),
  );
  const readGeneration = statement<{ client: string }>(engine, (place, now) =>
    kysely
      .selectFrom("keyturn_sessions")
      .select("generation")
      .where("client", "=", place("client"))
      .where("expires_at", ">", now),
  );
  const hold = statement<{ client: string; generation: number; window: number }>(engine, (place, now) =>
    kysely
      .updateTable("keyturn_sessions")
      .set({ held_until: sql<number>`${now} + ${place("window")}` })
      .where("client", "=", place("client"))
      .where("generation", "=", place("generation")),
  );
  const list = statement<Owner>(engine, (place, now) =>
    kysely
      .selectFrom("keyturn_sessions")
      .select(["client", "created_at", "rotated_at", "expires_at", "user_agent", "address", "label"])
      .where("model", "=", place("model"))
      .where("account_id", "=", place("accountId"))
      .where("expires_at", ">", now)
      .orderBy("rotated_at", "desc")
      .orderBy("client"),
  );
  const end = statement<Owner & { client: string }>(engine, (place) =>
    kysely
      .deleteFrom("keyturn_sessions")
      .where("client", "=", place("client"))
      .where("model", "=", place("model"))
      .where("account_id", "=", place("accountId")),
  );
  const endAll = statement<Owner & { except: string }>(engine, (place) =>
    kysely
      .deleteFrom("keyturn_sessions")
      .where("model", "=", place("model"))
      .where("account_id", "=", place("accountId"))
      .where("client", "<>", place("except")),
  );
  const endModel = statement<{ model: string }>(engine, (place) =>
    kysely.deleteFrom("keyturn_sessions").where("model", "=", place("model")),
  );
  // The longest unused go first; the new one stays whatever its clock says. What is over takes nobody's place.
  const evict = statement<Owner & { client: string; limit: number }>(engine, (place, now) =>
    kysely
      .deleteFrom("keyturn_sessions")
      .where("model", "=", place("model"))
      .where("account_id", "=", place("accountId"))
      .where("client", "not in", (outer) =>
        outer
          .selectFrom((inner) =>
            inner
              .selectFrom("keyturn_sessions")
              .select("client")
              .where("model", "=", place("model"))
              .where("account_id", "=", place("accountId"))
              .where("expires_at", ">", now)
              .orderBy(sql`case when client = ${place("client")} then 0 else 1 end`)
              .orderBy("rotated_at", "desc")
              .limit(place("limit"))
              .as("kept"),
          )
          .select("kept.client"),
      ),
  );
  const create = new Map(models.map((model) => [model, createStatement(engine, model)]));

  const foundOf = (row: readonly unknown[], model: Model): FoundSession => ({
    session: readSession(row, model.name),
    account: readAccount(row, stateColumns.length + 1, ofModel(found, model).columns, dialect),
    now: Number(row[stateColumns.length]),
  });
  const find = async (model: Model, client: string): Promise<FoundSession | undefined> => {
    const { rows } = await ofModel(found, model).query.run({ client });
    const session = rows[0] && foundOf(rows[0], model);
    // Some databases pass over blanks at the end of what they compare.
    return session?.session.client === client ? session : undefined;
  };

  // The conditional write of a rotation: whoever shows a hash that is no longer current changes nothing.
  const replaceToken = async (current: FoundSession, next: NextToken): Promise<FoundSession | undefined> => {
    const { session, account, now } = current;
    const expiresAt = nextExpiry(session, now, next.lifespan);
    const { client, tokenHash } = session;
    const { changes } = await rotate.run({ ...next, client, tokenHash, rotatedAt: now, expiresAt });
    if (changes === 0) return undefined;
    const replaced: Session = {
      ...session,
      generation: session.generation + 1,
      tokenHash: next.nextTokenHash,
      previousNonce: session.nonce,
      nonce: next.nonce,
      rotatedAt: now,
      heldUntil: 0,
      expiresAt,
    };
    return { session: replaced, account, now };
  };

  return {
    find,
    async rotate(model, rotation) {
      if (joined) {
        const row = (await ofModel(joined, model).run(rotation)).rows[0];
        return row && foundOf(row, model);
      }
      const current = await find(model, rotation.client);
      if (!current || !isDue(current, rotation)) return undefined;
      return (await replaceToken(current, rotation)) ?? "outrun";
    },
    async hold(client, generation, window) {
      await hold.run({ client, generation: generation + 1, window });
      const row = (await readGeneration.run({ client })).rows[0];
      return row && Number(row[0]);
    },
    async create(model, session) {
      const owner = { model: model.name, accountId: session.accountId, client: session.client };
      const lifespan = Math.min(session.lifespan, session.lifetime ?? session.lifespan);
      // Read in the same step: a sign-in elsewhere may end this session at once, and it was made all the same.
      const lock = ofModel(lockAccount, model)?.bind(owner);
      const done = await engine.atomically([
        ...(lock ? [{ query: lock }] : []),
        { query: ofModel(create, model).bind({ ...session, lifespan }), required: true },
        { query: evict.bind({ ...owner, limit: session.limit }) },
        { query: ofModel(found, model).query.bind({ client: session.client }) },
      ]);
      const row = done?.at(-1)?.rows[0];
      return row && readSession(row, model.name);
    },
    async renew(model, accountId, client, nextTokenHash, lifespan) {
      // A rotation may come in between; then its token is the one to replace.
      for (;;) {
        const current = await find(model, client);
        if (!current || current.session.accountId !== accountId || current.session.limitedTo !== null)
          return undefined;
        if (current.now >= current.session.expiresAt) return undefined;
        const renewed = await replaceToken(current, { nextTokenHash, lifespan, nonce: null, address: null });
        if (renewed) return renewed.session;
      }
    },
    async list(model, accountId) {
      const { rows } = await list.run({ model: model.name, accountId });
      return rows.map(readListed);
    },
    async end(model, accountId, client) {
      return (await end.run({ model: model.name, accountId, client })).changes > 0;
    },
    async endAll(model, accountId, except = "") {
      return (await endAll.run({ model: model.name, accountId, except })).changes;
    },
    async endModel(model) {
      return (await endModel.run({ model: model.name })).changes;
    },
  };
}

interface Owner {
  model: string;
  accountId: string;
}

interface NextToken {
  readonly nextTokenHash: TokenHash;
  /** `null`: the new token does not follow from the old one. */
  readonly nonce: string | null;
  readonly lifespan: number;
  readonly address: string | null;
}

interface RotateValues extends NextToken {
  readonly client: string;
  readonly tokenHash: TokenHash;
  readonly rotatedAt: number;
  readonly expiresAt: number;
}

function findStatement(
  engine: Engine,
  model: Model,
): { query: Statement<{ client: string }>; columns: AccountColumns } {
  const columns = accountColumns(model);
  const query = statement<{ client: string }>(engine, (place, now) =>
    engine.kysely
      .selectFrom("keyturn_sessions as session")
      .innerJoin(`${accountsTable(model)} as account`, (join) =>
        join.on("account.id", "=", engine.dialect.accountIdFrom(sql.ref("session.account_id")) as never),
      )
      .select(stateColumns.map((column) => `session.${column}` as const))
      .select(now.as("now"))
      // Names of their own, because a driver that gives rows as objects keeps one value for each: account_id is the session's.
      .select(columns.names.map((column) => sql.ref(`account.${column}`).as(`its_${column}`)))
      .where("session.client", "=", place("client"))
      .where("session.model", "=", model.name),
  );
  return { query, columns };
}

// Sign-ins of one account come one after the other, or each would not see the sessions of the others.
function lockStatement(engine: Engine, model: Model): Statement<{ accountId: string }> | undefined {
  const { kysely, dialect } = engine;
  const { forUpdate } = dialect;
  if (!forUpdate) return undefined;
  return statement<{ accountId: string }>(engine, (place) =>
    kysely
      .selectFrom(accountsTable(model))
      .select("id")
      .where("id", "=", dialect.accountIdFrom(place("accountId")) as never)
      .modifyEnd(forUpdate),
  );
}

// From the accounts table, so that a session of an account that was deleted a moment ago is never made.
function createStatement(engine: Engine, model: Model): Statement<NewSession> {
  return statement<NewSession>(engine, (place, now) =>
    engine.kysely
      .insertInto("keyturn_sessions")
      .columns([
        "client",
        "model",
        "account_id",
        "limited_to",
        "generation",
        "token_hash",
        "rotated_at",
        "held_until",
        "expires_at",
        "ends_at",
        "created_at",
        "user_agent",
        "address",
        "label",
      ])
      .expression((outer) =>
        outer
          .selectFrom(accountsTable(model))
          .select([
            sql`${place("client")}`.as("client"),
            sql`${model.name}`.as("model"),
            sql`${place("accountId")}`.as("account_id"),
            sql`${place("limitedTo")}`.as("limited_to"),
            sql`0`.as("generation"),
            sql`${place("tokenHash")}`.as("token_hash"),
            now.as("rotated_at"),
            sql`0`.as("held_until"),
            wholeSeconds(sql`${now} + ${place("lifespan")}`).as("expires_at"),
            sql`${now} + ${place("lifetime")}`.as("ends_at"),
            now.as("created_at"),
            sql`${place("userAgent")}`.as("user_agent"),
            sql`${place("address")}`.as("address"),
            sql`${place("label")}`.as("label"),
          ])
          .where("id", "=", engine.dialect.accountIdFrom(place("accountId")) as never),
      ),
  );
}

/** Rises with each generation, because clients order answers by it, in whole seconds; never passes the absolute end. */
function nextExpiry(session: Session, now: number, lifespan: number): number {
  const slid = Math.max(Math.floor((now + lifespan) / 1000) * 1000, session.expiresAt + 1000);
  return session.endsAt === null ? slid : Math.min(slid, Math.floor(session.endsAt / 1000) * 1000);
}

function isDue({ session, account, now }: FoundSession, rotation: Rotation): boolean {
  const knowsUid = rotation.uid === account.uid || rotation.uid === session.previousUid;
  const isOver = now >= session.expiresAt || now < session.rotatedAt + rotation.window;
  return knowsUid && !isOver && session.limitedTo === null && session.tokenHash === rotation.tokenHash;
}

function readSession(row: readonly unknown[], model: string): Session {
  return {
    generation: Number(row[0]),
    tokenHash: row[1] as TokenHash,
    nonce: textOrNull(row[2]),
    previousNonce: textOrNull(row[3]),
    rotatedAt: Number(row[4]),
    heldUntil: Number(row[5]),
    expiresAt: Number(row[6]),
    client: String(row[7]),
    model,
    accountId: String(row[8]),
    limitedTo: textOrNull(row[9]),
    previousUid: textOrNull(row[10]),
    endsAt: row[11] === null ? null : Number(row[11]),
  };
}

function readListed(row: readonly unknown[]): ListedSession {
  return {
    client: String(row[0]),
    createdAt: Number(row[1]),
    rotatedAt: Number(row[2]),
    expiresAt: Number(row[3]),
    userAgent: textOrNull(row[4]),
    address: textOrNull(row[5]),
    label: textOrNull(row[6]),
  };
}
