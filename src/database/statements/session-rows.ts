import { sql } from "kysely";
import type { Model } from "../../accounts/models.js";
import type { SqlExecutor } from "../driver.js";
import type { FoundSession, ListedSession, Session } from "../port.js";
import { accountsTable } from "../schema/schema.js";
import { type Build, type Statement, statement } from "../statement.js";
import type { TokenHash } from "../token-hash.js";
import {
  type AccountColumns,
  accountColumns,
  isAccount,
  readAccount,
  selectAccount,
} from "./account-columns.js";
import { textOrNull } from "./rows.js";

export const stateColumns = [
  "generation",
  "token_hash",
  "nonce",
  "previous_nonce",
  "rotated_at",
  "window_extended_until",
  "expires_at",
  "client",
  "account_id",
  "limited_to",
  "previous_uid",
  "ends_at",
] as const;

export const listedColumns = [
  "client",
  "created_at",
  "rotated_at",
  "expires_at",
  "user_agent",
  "address",
  "label",
] as const;

/** Reads a session with its account by primary key. What `readFound` takes: the state, the database's clock, the account. */
export function findStatement(executor: SqlExecutor, model: Model): Statement<{ client: string }> {
  const columns = accountColumns(executor, model);
  const build: Build<{ client: string }> = (place, now) =>
    executor.kysely
      .selectFrom("keyturn_sessions as session")
      .innerJoin(`${accountsTable(model)} as account`, (join) =>
        join.on(isAccount(executor, model, sql.ref("session.account_id"), "account")),
      )
      .select(stateColumns.map((column) => `session.${column}` as const))
      .select(now.as("now"))
      // Names of their own, because a driver that gives rows as objects keeps one value for each: account_id is the session's.
      .select(selectAccount(executor, model, columns, "account"))
      .where("session.client", "=", place("client"))
      .where("session.model", "=", model.name);
  return statement(executor, build, { isOneRow: true });
}

export function readFound(row: readonly unknown[], model: Model, columns: AccountColumns): FoundSession {
  return {
    session: readSession(row, model.name),
    account: readAccount(row, stateColumns.length + 1, columns),
    now: Number(row[stateColumns.length]),
  };
}

export function readSession(row: readonly unknown[], model: string): Session {
  return {
    generation: Number(row[0]),
    tokenHash: row[1] as TokenHash,
    nonce: textOrNull(row[2]),
    previousNonce: textOrNull(row[3]),
    rotatedAt: Number(row[4]),
    windowExtendedUntil: Number(row[5]),
    expiresAt: Number(row[6]),
    client: String(row[7]),
    model,
    accountId: String(row[8]),
    limitedTo: textOrNull(row[9]),
    previousUid: textOrNull(row[10]),
    endsAt: row[11] === null ? null : Number(row[11]),
  };
}

export function readListed(row: readonly unknown[]): ListedSession {
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
