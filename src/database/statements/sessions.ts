import { sql } from "kysely";
import type { Model } from "../../accounts/models.js";
import type { SqlExecutor } from "../driver.js";
import type { FoundSession, NewSession, SessionStore } from "../port.js";
import { accountsTable } from "../schema/schema.js";
import { type Statement, statement } from "../statement.js";
import { accountColumns, isAccount, ofModel } from "./account-columns.js";
import { dropUnused, lockSteps, sessionStep } from "./account-steps.js";
import { createRotations } from "./rotations.js";
import { wholeSeconds } from "./rows.js";
import { findStatement, listedColumns, readFound, readListed, readSession } from "./session-rows.js";

/** The statements over `keyturn_sessions`. */
export function createSessionStore(executor: SqlExecutor, models: readonly Model[]): SessionStore {
  const { kysely } = executor;
  const prepared = new Map(
    models.map((model) => [
      model,
      {
        columns: accountColumns(executor, model),
        find: findStatement(executor, model),
        create: createStatement(executor, model),
        lock: lockStatement(executor, model),
      },
    ]),
  );
  const list = statement<Owner>(executor, (place, now) =>
    kysely
      .selectFrom("keyturn_sessions")
      .select(listedColumns)
      .where("model", "=", place("model"))
      .where("account_id", "=", place("accountId"))
      .where("limited_to", "is", null)
      .where("expires_at", ">", now)
      .orderBy("rotated_at", "desc")
      .orderBy("client"),
  );
  const end = statement<Owner & { client: string }>(executor, (place) =>
    kysely
      .deleteFrom("keyturn_sessions")
      .where("client", "=", place("client"))
      .where("model", "=", place("model"))
      .where("account_id", "=", place("accountId")),
  );
  const endAll = statement<Owner & { except: string }>(executor, (place) =>
    kysely
      .deleteFrom("keyturn_sessions")
      .where("model", "=", place("model"))
      .where("account_id", "=", place("accountId"))
      .where("client", "<>", place("except")),
  );
  const endModel = statement<{ model: string }>(executor, (place) =>
    kysely.deleteFrom("keyturn_sessions").where("model", "=", place("model")),
  );
  // Sessions of reset links are counted for themselves: whoever can have links mailed must not push the owner's devices out.
  const isLimited = sql<number>`case when limited_to is null then 0 else 1 end`;
  // Expired sessions go, and of the others the longest unused; the new one stays whatever its clock says. Names those that go, not those
  // that stay: on a cluster, a session that another node has opened meanwhile is in neither list.
  const evict = statement<Owner & { client: string; limit: number; limited: number }>(
    executor,
    (place, now) => {
      const own = kysely
        .selectFrom("keyturn_sessions")
        .select("client")
        .where("model", "=", place("model"))
        .where("account_id", "=", place("accountId"))
        .where(isLimited, "=", place("limited"));
      const surplus = own
        .where("expires_at", ">", now)
        .orderBy(sql`case when client = ${place("client")} then 0 else 1 end`)
        .orderBy("rotated_at", "desc")
        .limit(sql.lit(mostSessions))
        .offset(place("limit"));
      // MySQL deletes nothing that it selects, unless the selection is a table of its own; and it finds the rows by the account only if
      // the outer statement names it too.
      const gone = kysely
        .selectFrom(surplus.as("surplus"))
        .select("surplus.client")
        .unionAll(own.where("expires_at", "<=", now));
      return kysely
        .deleteFrom("keyturn_sessions")
        .where("model", "=", place("model"))
        .where("account_id", "=", place("accountId"))
        .where("client", "in", (outer) => outer.selectFrom(gone.as("gone")).select("gone.client"));
    },
  );

  const findBy = async (
    run: SqlExecutor["run"],
    model: Model,
    client: string,
  ): Promise<FoundSession | undefined> => {
    const { find: query, columns } = ofModel(prepared, model);
    const row = (await run(query.bind({ client }))).rows[0];
    const found = row && readFound(row, model, columns);
    // Some databases pass over blanks at the end of what they compare.
    return found?.session.client === client ? found : undefined;
  };
  const find: SessionStore["find"] = (model, client) => findBy(executor.run, model, client);
  const { rotate, extendWindow, replaceToken } = createRotations(executor, models, find);

  return {
    find,
    findUpToDate: (model, client) => findBy(executor.runUpToDate, model, client),
    rotate,
    extendWindow,
    async create(model, session) {
      const owner = { model: model.name, accountId: session.accountId, client: session.client };
      const lifespan = Math.min(session.lifespan, session.lifetime ?? session.lifespan);
      // Read in the same step: a sign-in elsewhere may end this session at once, and it was made all the same.
      const { create, lock, find: read } = ofModel(prepared, model);
      const done = await executor.atomically([
        ...(lock ? [{ query: lock.bind(owner) }] : []),
        {
          query: create.bind({ ...session, identityId: session.identityId ?? "", lifespan }),
          required: true,
        },
        {
          query: evict.bind({ ...owner, limit: session.limit, limited: session.limitedTo === null ? 0 : 1 }),
        },
        { query: read.bind({ client: session.client }) },
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
      return (await executor.run(end.bind({ model: model.name, accountId, client }))).changes > 0;
    },
    async revoke(model, accountId, client, by) {
      const done = await executor.atomically([
        ...lockSteps(executor, model, accountId),
        ...(by === undefined ? [] : [sessionStep(executor, model, accountId, by)]),
        { query: end.bind({ model: model.name, accountId, client }), required: true },
        dropUnused(executor, model, accountId, "email_change"),
      ]);
      return done !== undefined;
    },
    async endAll(model, accountId, by) {
      const done = await executor.atomically([
        ...(by === undefined
          ? []
          : [...lockSteps(executor, model, accountId), sessionStep(executor, model, accountId, by)]),
        dropUnused(executor, model, accountId, "email_change"),
        { query: endAll.bind({ model: model.name, accountId, except: by ?? "" }) },
      ]);
      return done?.at(-1)?.changes;
    },
    async endModel(model) {
      const done = await executor.atomically([
        dropUnused(executor, model, null, "email_change"),
        { query: endModel.bind({ model: model.name }) },
      ]);
      return done?.at(-1)?.changes ?? 0;
    },
  };
}

/** More than an account has. MySQL takes no offset without a limit. */
const mostSessions = 1_000_000;

interface Owner {
  model: string;
  accountId: string;
}

// Sign-ins of one account come one after the other, or each would not see the sessions of the others.
function lockStatement(executor: SqlExecutor, model: Model): Statement<{ accountId: string }> | undefined {
  const { kysely, dialect } = executor;
  const { forUpdate } = dialect;
  if (!forUpdate) return undefined;
  return statement<{ accountId: string }>(executor, (place) =>
    kysely
      .selectFrom(accountsTable(model))
      .select(sql.ref(model.columns.id).as("id"))
      .where(isAccount(executor, model, place("accountId")))
      .modifyEnd(forUpdate),
  );
}

// From the accounts table, so that a session of an account that was deleted a moment ago is never made.
function createStatement(
  executor: SqlExecutor,
  model: Model,
): Statement<NewSession & { readonly identityId: string }> {
  const hash = sql.ref(model.columns.passwordHash);
  const isEnabled = model.disableable ? sql` and ${sql.ref(model.columns.disabledAt)} is null` : sql``;
  return statement<NewSession & { readonly identityId: string }>(executor, (place, now) =>
    executor.kysely
      .insertInto("keyturn_sessions")
      .columns([
        "client",
        "model",
        "account_id",
        "limited_to",
        "generation",
        "token_hash",
        "rotated_at",
        "window_extended_until",
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
            sql`0`.as("window_extended_until"),
            wholeSeconds(sql`${now} + ${place("lifespan")}`).as("expires_at"),
            sql`${now} + ${place("lifetime")}`.as("ends_at"),
            now.as("created_at"),
            sql`${place("userAgent")}`.as("user_agent"),
            sql`${place("address")}`.as("address"),
            sql`${place("label")}`.as("label"),
          ])
          .where(isAccount(executor, model, place("accountId")))
          .where(
            sql<boolean>`coalesce(${place("passwordHash")}, ${hash}, '') = coalesce(${hash}, '')${isEnabled}`,
          )
          // An identity that a reset has taken away a moment ago lets nobody in.
          .where(
            sql<boolean>`(${place("identityId")} = '' or exists (select 1 from keyturn_identities where keyturn_identities.id = ${place("identityId")} and keyturn_identities.model = ${model.name} and keyturn_identities.account_id = ${place("accountId")}))`,
          ),
      ),
  );
}
