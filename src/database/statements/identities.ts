import { sql } from "kysely";
import type { Model } from "../../accounts/models.js";
import { AuthError } from "../../errors.js";
import type { AccountStore } from "../account-port.js";
import { UniqueViolation } from "../database-error.js";
import type { Result, SqlExecutor, Step } from "../driver.js";
import type { Identity, IdentityStore } from "../identity-port.js";
import { statement } from "../statement.js";
import { bound, dropUnused, endSessions, lockSteps, sessionStep } from "./account-steps.js";
import { insertAccount } from "./accounts.js";
import { inviteSteps } from "./flows.js";
import {
  claimSteps,
  confirmedStep,
  deleteIdentity,
  insertIdentity,
  insertIdentityOf,
  leaveProvider,
  uidStep,
} from "./identity-steps.js";
import { orTaken } from "./refused-values.js";
import { textOrNull } from "./rows.js";

const columns = [
  "id",
  "account_id",
  "issuer",
  "subject",
  "provider",
  "name",
  "email",
  "created_at",
  "last_used_at",
  "tokens",
] as const;

/** The statements over `keyturn_identities`, and what linking does to accounts. */
export function createIdentityStore(executor: SqlExecutor, accounts: AccountStore): IdentityStore {
  const { kysely } = executor;
  const byId = statement<{ id: string; model: string }>(executor, (place) =>
    kysely
      .selectFrom("keyturn_identities")
      .select(columns)
      .where("id", "=", place("id"))
      .where("model", "=", place("model")),
  );
  const ofAccount = statement<{ model: string; accountId: string }>(executor, (place) =>
    kysely
      .selectFrom("keyturn_identities")
      .select(columns)
      .where("model", "=", place("model"))
      .where("account_id", "=", place("accountId"))
      .orderBy("created_at")
      .orderBy("id"),
  );
  const find: IdentityStore["find"] = async (model, id) => {
    // What another server has just linked has to be seen, also where a replica serves reads.
    const row = (await executor.runUpToDate(byId.bind({ id, model: model.name }))).rows[0];
    return row && readIdentity(row);
  };
  const untilTaken = async (steps: readonly Step[]): Promise<readonly Result[] | "taken" | undefined> => {
    try {
      return await executor.atomically(steps);
    } catch (error) {
      if (error instanceof UniqueViolation) return "taken";
      throw error;
    }
  };

  return {
    find,
    async list(model, accountId) {
      const { rows } = await ofAccount.run({ model: model.name, accountId });
      return rows.map(readIdentity);
    },
    async update(model, id, { name, email, tokens }) {
      const query = kysely
        .updateTable("keyturn_identities")
        .set({
          last_used_at: executor.dialect.now(sql`${executor.now()}`),
          email,
          ...(name === null ? {} : { name }),
          ...(tokens === undefined ? {} : { tokens }),
        })
        .where("id", "=", id)
        .where("model", "=", model.name);
      return (await executor.run(bound(query))).changes > 0;
    },
    async replaceTokens(id, from, to) {
      const query = kysely
        .updateTable("keyturn_identities")
        .set({ tokens: to })
        .where("id", "=", id)
        .where("tokens", "=", from);
      return (await executor.run(bound(query))).changes > 0;
    },
    async dropOrphan(model, id) {
      const identity = await find(model, id);
      if (!identity || (await accounts.find(model, identity.accountId))) return false;
      const query = kysely
        .deleteFrom("keyturn_identities")
        .where("id", "=", id)
        .where("model", "=", model.name)
        .where("account_id", "=", identity.accountId);
      return (await executor.run(bound(query))).changes > 0;
    },
    async register(model, account, identity) {
      const steps: readonly Step[] = [
        ...inviteSteps(executor, account.invitation),
        { query: insertAccount(executor, model, account) },
        { query: insertIdentityOf(executor, model, account, identity), required: true },
      ];
      try {
        const done = await orTaken(executor, model, () => executor.atomically(steps), account.uid);
        if (done === "taken") return "taken";
        if (done === undefined && account.invitation !== undefined) throw new AuthError("invitation_invalid");
      } catch (error) {
        // An index of the accounts' refuses one value; the identity's own key means that somebody was first.
        if (await find(model, identity.id)) return "taken";
        throw error;
      }
      const made = await find(model, identity.id);
      const record = made && (await accounts.find(model, made.accountId));
      if (!record) throw new Error(`The account that was just written to "${model.table}" is not there`);
      return record;
    },
    async link(model, accountId, identity, condition) {
      const asked =
        "by" in condition
          ? sessionStep(executor, model, accountId, condition.by)
          : "confirmedEmail" in condition
            ? confirmedStep(executor, model, accountId, condition.confirmedEmail)
            : uidStep(executor, model, accountId, identity.provider, condition.uid);
      const done = await untilTaken([
        ...lockSteps(executor, model, accountId),
        asked,
        insertIdentity(executor, model, accountId, identity),
      ]);
      return done === undefined || done === "taken" ? done : "linked";
    },
    async claim(model, accountId, email, identity) {
      const done = await untilTaken([
        ...lockSteps(executor, model, accountId),
        ...claimSteps(executor, model, accountId, email),
        insertIdentity(executor, model, accountId, identity),
      ]);
      return done === undefined || done === "taken" ? done : accounts.find(model, accountId);
    },
    async unlink(model, accountId, id, by) {
      const identity = await find(model, id);
      if (identity?.accountId !== accountId) return undefined;
      const done = await executor.atomically([
        ...lockSteps(executor, model, accountId),
        sessionStep(executor, model, accountId, by),
        deleteIdentity(executor, model, accountId, id),
        // Those that the identity has opened among them: which they are is not stored.
        { query: endSessions(executor, model, accountId, by) },
        dropUnused(executor, model, accountId, "email_change"),
        ...leaveProvider(executor, model, accountId, identity),
      ]);
      if (done) return "unlinked";
      const isThere = (await find(model, id)) && (await hasSession(executor, model, accountId, by));
      return isThere ? "last" : undefined;
    },
  };
}

async function hasSession(
  executor: SqlExecutor,
  model: Model,
  accountId: string,
  client: string,
): Promise<boolean> {
  return (await executor.run(sessionStep(executor, model, accountId, client).query)).changes > 0;
}

function readIdentity(row: readonly unknown[]): Identity {
  return {
    id: String(row[0]),
    accountId: String(row[1]),
    issuer: String(row[2]),
    subject: String(row[3]),
    provider: String(row[4]),
    name: textOrNull(row[5]),
    email: textOrNull(row[6]),
    createdAt: Number(row[7]),
    lastUsedAt: Number(row[8]),
    tokens: textOrNull(row[9]),
  };
}
