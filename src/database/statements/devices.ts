import { sql } from "kysely";
import { UniqueViolation } from "../database-error.js";
import type { DeviceStore, Familiarity, KnownDevice, SeenDevice } from "../device-port.js";
import type { SqlExecutor } from "../driver.js";
import { statement } from "../statement.js";
import { dropDevices, lockSteps, sessionStep } from "./account-steps.js";

interface Owner {
  model: string;
  accountId: string;
}

type Seen = Owner & Pick<SeenDevice, "hash" | "family" | "lifespan"> & { readonly wasShown: number };

/** More than an account has. MySQL takes no offset without a limit. */
const mostDevices = 1_000_000;

/** The statements over `keyturn_devices`. */
export function createDeviceStore(executor: SqlExecutor): DeviceStore {
  const { kysely } = executor;
  const find = statement<{ hash: string }>(
    executor,
    (place, now) =>
      kysely
        .selectFrom("keyturn_devices")
        .select("mark_hash")
        .where("mark_hash", "=", place("hash"))
        .where("expires_at", ">", now),
    { isOneRow: true },
  );
  const list = statement<Owner>(executor, (place, now) =>
    kysely
      .selectFrom("keyturn_devices")
      .select(["mark_hash", "family", "was_shown", "first_seen_at", "last_seen_at", "expires_at"])
      .where("model", "=", place("model"))
      .where("account_id", "=", place("accountId"))
      .where("expires_at", ">", now),
  );
  const forgetOne = statement<Owner & { hash: string }>(executor, (place) =>
    kysely
      .deleteFrom("keyturn_devices")
      .where("model", "=", place("model"))
      .where("account_id", "=", place("accountId"))
      .where("mark_hash", "=", place("hash")),
  );
  const renew = statement<Seen>(executor, (place, now) =>
    kysely
      .updateTable("keyturn_devices")
      .set({
        family: place("family"),
        last_seen_at: now,
        expires_at: sql<number>`${now} + ${place("lifespan")}`,
        was_shown: sql<number>`case when ${place("wasShown")} = 1 then 1 else was_shown end`,
      })
      .where("mark_hash", "=", place("hash")),
  );
  const insert = statement<Seen>(executor, (place, now) =>
    kysely.insertInto("keyturn_devices").values({
      mark_hash: place("hash"),
      model: place("model"),
      account_id: place("accountId"),
      family: place("family"),
      was_shown: place("wasShown"),
      first_seen_at: now,
      last_seen_at: now,
      expires_at: sql<number>`${now} + ${place("lifespan")}`,
    }),
  );
  // The new one stays whatever its clock says. As of sessions: MySQL deletes nothing that it selects, unless that is a table of its own.
  const evict = statement<Owner & { hash: string; limit: number }>(executor, (place) => {
    const surplus = kysely
      .selectFrom("keyturn_devices")
      .select("mark_hash")
      .where("model", "=", place("model"))
      .where("account_id", "=", place("accountId"))
      .orderBy(sql`case when mark_hash = ${place("hash")} then 0 else 1 end`)
      .orderBy("was_shown", "desc")
      .orderBy("last_seen_at", "desc")
      .limit(sql.lit(mostDevices))
      .offset(place("limit"));
    return kysely
      .deleteFrom("keyturn_devices")
      .where("model", "=", place("model"))
      .where("account_id", "=", place("accountId"))
      .where("mark_hash", "in", (outer) =>
        outer.selectFrom(surplus.as("surplus")).select("surplus.mark_hash"),
      );
  });

  return {
    isKnown: async (hash) => (await find.run({ hash })).rows.length > 0,
    async note(model, accountId, { hash, family, wasShown, lifespan, client, limit }) {
      const owner = { model: model.name, accountId };
      const seen = { ...owner, hash, family, lifespan, wasShown: wasShown ? 1 : 0 };
      const { rows } = await list.run(owner);
      if (rows.some(([known]) => known === hash)) {
        await renew.run(seen);
        return "known";
      }
      const familiarity: Familiarity =
        rows.length === 0 ? "first" : rows.some(([, known]) => known === family) ? "family" : "new";
      try {
        // With the account locked and the session still there: a device of an account that is deleted at this moment would outlive it.
        const done = await executor.atomically([
          ...lockSteps(executor, model, accountId),
          sessionStep(executor, model, accountId, client),
          { query: insert.bind(seen) },
          { query: evict.bind({ ...owner, hash, limit }) },
        ]);
        return done && familiarity;
      } catch (error) {
        // It signed in twice at one moment, or had not signed in for so long that its row waits to be swept.
        if (!(error instanceof UniqueViolation)) throw error;
        await renew.run(seen);
        return familiarity === "first" ? "first" : "known";
      }
    },
    async list(model, accountId) {
      const { rows } = await list.run({ model: model.name, accountId });
      return rows.map(readDevice).toSorted((one, other) => other.lastSeenAt - one.lastSeenAt);
    },
    async forget(model, accountId, hash) {
      const dropped =
        hash === undefined
          ? await executor.run(dropDevices(executor, model, accountId))
          : await forgetOne.run({ model: model.name, accountId, hash });
      return dropped.changes;
    },
  };
}

function readDevice([id, family, wasShown, ...times]: readonly unknown[]): KnownDevice {
  const [firstSeenAt = 0, lastSeenAt = 0, expiresAt = 0] = times.map(Number);
  return {
    id: String(id),
    family: String(family),
    wasShown: Number(wasShown) === 1,
    firstSeenAt,
    lastSeenAt,
    expiresAt,
  };
}
