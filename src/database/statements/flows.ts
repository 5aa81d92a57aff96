import { sql } from "kysely";
import { UniqueViolation } from "../database-error.js";
import type { BoundQuery, SqlExecutor, Step } from "../driver.js";
import type { FlowKind, FlowStore } from "../flow-port.js";
import { statement } from "../statement.js";
import { bound } from "./account-steps.js";

/** The statements over `keyturn_oauth_flows`. */
export function createFlowStore(executor: SqlExecutor): FlowStore {
  const { kysely } = executor;
  const insert = statement<{ hash: string; kind: string; data: string; lifespan: number }>(
    executor,
    (place, now) =>
      kysely.insertInto("keyturn_oauth_flows").values({
        hash: place("hash"),
        kind: place("kind"),
        data: place("data"),
        expires_at: sql<number>`${now} + ${place("lifespan")}`,
        used_at: null,
      }),
  );
  const read = statement<{ hash: string; kind: string }>(executor, (place, now) =>
    kysely
      .selectFrom("keyturn_oauth_flows")
      .select(["data", "used_at"])
      .where("hash", "=", place("hash"))
      .where("kind", "=", place("kind"))
      .where("expires_at", ">", now),
  );
  // The one write that only one of many at the same moment can do.
  const use = statement<{ hash: string; kind: string }>(executor, (place, now) =>
    kysely
      .updateTable("keyturn_oauth_flows")
      .set({ used_at: now })
      .where("hash", "=", place("hash"))
      .where("kind", "=", place("kind"))
      .where("used_at", "is", null)
      .where("expires_at", ">", now),
  );
  const find: FlowStore["find"] = async (kind, hash) => {
    const row = (await executor.runUpToDate(read.bind({ hash, kind }))).rows[0];
    return row && { data: String(row[0]), usedAt: row[1] === null ? null : Number(row[1]) };
  };
  return {
    find,
    async put({ kind, hash, data, lifespan }) {
      try {
        await insert.run({ kind, hash, data, lifespan });
        return true;
      } catch (error) {
        if (error instanceof UniqueViolation) return false;
        throw error;
      }
    },
    async take(kind, hash) {
      const flow = await find(kind, hash);
      if (!flow || flow.usedAt !== null) return undefined;
      return (await use.run({ hash, kind })).changes > 0 ? flow : undefined;
    },
    async giveBack(kind, hash) {
      await executor.run(giveBack(executor, kind, hash));
    },
  };
}

/** Uses up the invitation that an account is made by: nothing of a transaction happens where somebody else has. */
export function inviteSteps(executor: SqlExecutor, invitation: string | undefined): readonly Step[] {
  if (invitation === undefined) return [];
  const now = executor.dialect.now(sql`${executor.now()}`);
  const query = executor.kysely
    .updateTable("keyturn_oauth_flows")
    .set({ used_at: now })
    .where("hash", "=", invitation)
    .where("kind", "=", "invitation")
    .where("used_at", "is", null)
    .where("expires_at", ">", now);
  return [{ query: bound(query), required: true }];
}

function giveBack({ kysely }: SqlExecutor, kind: FlowKind, hash: string): BoundQuery {
  return bound(
    kysely
      .updateTable("keyturn_oauth_flows")
      .set({ used_at: null })
      .where("hash", "=", hash)
      .where("kind", "=", kind),
  );
}
