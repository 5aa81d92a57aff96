import { sql } from "kysely";
import type { Model } from "../../accounts/models.js";
import type { AccountStore } from "../account-port.js";
import type { BoundQuery, SqlExecutor, Step } from "../driver.js";
import { statement } from "../statement.js";
import type { Redeemed, Ticket, TicketKind, TicketStore } from "../ticket-port.js";
import { unlockStep } from "./account-locks.js";
import {
  bound,
  confirmedAccount,
  dropDevices,
  dropUnused,
  endSessionsSince,
  lockSteps,
  sessionStep,
  updateSteps,
} from "./account-steps.js";
import { orTaken, refuseUnfit } from "./refused-values.js";
import { resetSteps } from "./reset-steps.js";
import { textOrNull, wholeSeconds } from "./rows.js";

/** The statements over `keyturn_tickets`, and what redeeming a ticket does to its account. */
export function createTicketStore(executor: SqlExecutor, accounts: AccountStore): TicketStore {
  const { kysely } = executor;
  const find = statement<{ hash: string; kind: string; model: string }>(executor, (place, now) =>
    kysely
      .selectFrom("keyturn_tickets")
      .select(["hash", "kind", "account_id", "email", "used_at", "opened_since"])
      .where("hash", "=", place("hash"))
      .where("kind", "=", place("kind"))
      .where("model", "=", place("model"))
      .where("expires_at", ">", now),
  );
  const findByEmail = statement<{ email: string; model: string }>(executor, (place, now) =>
    kysely
      .selectFrom("keyturn_tickets")
      .select("account_id")
      .where("model", "=", place("model"))
      .where("kind", "=", "email_change")
      .where("email", "=", place("email"))
      .where("used_at", "is", null)
      .where("expires_at", ">", now),
  );
  // Of a change of address only the newest is meant. Its own older links go on, as do all others: their mail may still be on its way.
  const dropOtherAddresses = statement<{ model: string; accountId: string; email: string }>(
    executor,
    (place) =>
      kysely
        .deleteFrom("keyturn_tickets")
        .where("model", "=", place("model"))
        .where("account_id", "=", place("accountId"))
        .where("kind", "=", "email_change")
        .where("email", "<>", place("email")),
  );
  const insert = statement<{
    hash: string;
    kind: string;
    model: string;
    accountId: string;
    email: string | null;
    lifespan: number;
    since: number | null;
  }>(executor, (place, now) =>
    kysely.insertInto("keyturn_tickets").values({
      hash: place("hash"),
      kind: place("kind"),
      model: place("model"),
      account_id: place("accountId"),
      email: place("email"),
      expires_at: sql<number>`${now} + ${place("lifespan")}`,
      used_at: null,
      opened_since: place("since"),
    }),
  );
  // The one write that only one of many redemptions at the same moment can do.
  const use = statement<{ hash: string }>(executor, (place, now) =>
    kysely
      .updateTable("keyturn_tickets")
      .set({ used_at: now })
      .where("hash", "=", place("hash"))
      .where("used_at", "is", null)
      .where("expires_at", ">", now),
  );

  const ticketOf = async (model: Model, kind: TicketKind, hash: string): Promise<Ticket | undefined> => {
    const row = (await find.run({ hash, kind, model: model.name })).rows[0];
    return row && readTicket(row, kind);
  };
  const confirmAccount = (model: Model, id: string): BoundQuery =>
    bound(confirmedAccount(executor, model, id));
  const redeemed = async (model: Model, id: string, first: boolean): Promise<Redeemed | undefined> => {
    const record = await accounts.find(model, id);
    return record && { record, first };
  };

  return {
    find: ticketOf,
    async issue(model, ticket) {
      const { hash, kind, accountId, email, lifespan, by, since = null } = ticket;
      if (email !== null) refuseUnfit(executor, model, email);
      const done = await executor.atomically([
        ...lockSteps(executor, model, accountId),
        ...(by === undefined ? [] : [sessionStep(executor, model, accountId, by)]),
        ...(email === null
          ? []
          : [{ query: dropOtherAddresses.bind({ model: model.name, accountId, email }) }]),
        { query: insert.bind({ hash, kind, accountId, email, lifespan, since, model: model.name }) },
      ]);
      return done !== undefined;
    },
    async findEmailChange(model, email) {
      const row = (await findByEmail.run({ model: model.name, email })).rows[0];
      return row && accounts.find(model, String(row[0]));
    },
    async confirm(model, hash) {
      const ticket = await ticketOf(model, "confirmation", hash);
      if (!ticket) return undefined;
      const done = await executor.atomically([
        ...lockSteps(executor, model, ticket.accountId),
        { query: use.bind({ hash }), required: true },
        { query: confirmAccount(model, ticket.accountId), required: true },
        dropUnused(executor, model, ticket.accountId, "confirmation"),
      ]);
      return redeemed(model, ticket.accountId, done !== undefined);
    },
    async unlock(model, hash) {
      const ticket = await ticketOf(model, "unlock", hash);
      if (!ticket) return undefined;
      const done = await executor.atomically([
        ...lockSteps(executor, model, ticket.accountId),
        { query: use.bind({ hash }), required: true },
        unlockStep(executor, model, ticket.accountId),
        dropUnused(executor, model, ticket.accountId, "unlock"),
      ]);
      return redeemed(model, ticket.accountId, done !== undefined);
    },
    async disown(model, hash) {
      const ticket = await ticketOf(model, "new_device", hash);
      if (!ticket || ticket.since === null) return undefined;
      const { accountId, since } = ticket;
      const done = await executor.atomically([
        ...lockSteps(executor, model, accountId),
        { query: use.bind({ hash }), required: true },
        { query: endSessionsSince(executor, model, accountId, since) },
        { query: dropDevices(executor, model, accountId, since) },
        dropUnused(executor, model, accountId, "email_change"),
      ]);
      return done && accounts.find(model, accountId);
    },
    async changeEmail(model, hash) {
      const ticket = await ticketOf(model, "email_change", hash);
      if (!ticket || ticket.email === null) return undefined;
      const { email } = ticket;
      const done = await orTaken(
        executor,
        model,
        () =>
          executor.atomically([
            ...lockSteps(executor, model, ticket.accountId),
            { query: use.bind({ hash }), required: true },
            ...updateSteps(executor, model, ticket.accountId, { email }),
            dropUnused(executor, model, ticket.accountId, "email_change"),
          ]),
        email,
      );
      return done === "taken" ? "taken" : redeemed(model, ticket.accountId, done !== undefined);
    },
    async resetPassword(model, hash, change, session) {
      const ticket = await ticketOf(model, "password_reset", hash);
      if (!ticket) return undefined;
      const steps: Step[] = [
        ...lockSteps(executor, model, ticket.accountId),
        { query: use.bind({ hash }), required: true },
        ...resetSteps(executor, model, ticket.accountId, {
          keep: change.keep,
          endIdentities: session.endIdentities,
        }),
        ...updateSteps(executor, model, ticket.accountId, { password: change }),
        // Whoever read this mail owns the address.
        { query: confirmAccount(model, ticket.accountId) },
        // And need not wait for the end of a lock.
        ...(model.lockable ? [unlockStep(executor, model, ticket.accountId)] : []),
      ];
      if (change.keep !== null) steps.push({ query: liftLimit(executor, change.keep, hash, session) });
      // A session of an unused reset link could otherwise set the password once more.
      if (!change.endOthers) steps.push({ query: endLimited(executor, hash, change.keep) });
      return (await executor.atomically(steps)) && accounts.find(model, ticket.accountId);
    },
  };
}

function liftLimit(
  executor: SqlExecutor,
  client: string,
  hash: string,
  { lifespan, lifetime }: { readonly lifespan: number; readonly lifetime: number | null },
): BoundQuery {
  const now = executor.dialect.now(sql`${executor.now()}`);
  const ends = Math.min(lifespan, lifetime ?? lifespan);
  return bound(
    executor.kysely
      .updateTable("keyturn_sessions")
      .set({
        limited_to: null,
        expires_at: wholeSeconds(sql`${now} + ${ends}`),
        ends_at: lifetime === null ? null : sql`${now} + ${lifetime}`,
      })
      .where("client", "=", client)
      .where("limited_to", "=", hash),
  );
}

function endLimited({ kysely }: SqlExecutor, hash: string, except: string | null): BoundQuery {
  return bound(
    kysely
      .deleteFrom("keyturn_sessions")
      .where("limited_to", "=", hash)
      .where("client", "<>", except ?? ""),
  );
}

function readTicket(row: readonly unknown[], kind: TicketKind): Ticket {
  return {
    hash: String(row[0]),
    kind,
    accountId: String(row[2]),
    email: textOrNull(row[3]),
    usedAt: row[4] === null ? null : Number(row[4]),
    since: row[5] === null ? null : Number(row[5]),
  };
}
