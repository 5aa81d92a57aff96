import assert from "node:assert/strict";
import { type Account, createRegistry, type Model } from "../../accounts/models.js";
import { randomId } from "../../engine/random.js";
import { hashSecret, newSecret } from "../../engine/token.js";
import type { AccountRecord } from "../account-port.js";
import type { Database, NewSession, Session, Store } from "../port.js";
import type { TokenHash } from "../token-hash.js";

/** One thing that every store has to do. Throws an AssertionError where it does not. */
export interface ContractCase {
  readonly name: string;
  run(world: ContractWorld): Promise<void>;
}

export interface ContractWorld {
  /** Connections to one database, as of several servers. */
  readonly stores: readonly [Store, ...Store[]];
  readonly clock: { now: number };
  close(): Promise<void>;
}

const registry = createRegistry(
  {
    member: {
      mountAt: "/auth",
      lockable: true,
      disableable: true,
      // Names of the app's own, so that no statement relies on ours.
      columns: {
        id: "member_no",
        provider: "kind",
        uid: "known_as",
        email: "mail",
        passwordHash: "secret",
        confirmedAt: "proven_at",
        failedAttempts: "slips",
        lockedAt: "shut_at",
        disabledAt: "banned_at",
        createdAt: "joined_at",
        updatedAt: "touched_at",
      },
      fields: {
        nickname: { type: "string" },
        visits: { type: "integer" },
        score: { type: "number" },
        active: { type: "boolean", column: "is_active" },
      },
    },
    admin: { mountAt: "/admin_auth" },
  },
  {},
);
export const member: Model = registry.model("member");
export const admin: Model = registry.model("admin");

/** `connections`: 1 for a database that only its own connection sees. */
export async function openContractWorld(database: Database, connections: number): Promise<ContractWorld> {
  const clock = { now: Date.UTC(2026, 0, 1, 12, 0, 0, 250) };
  const connect = (): Promise<Store> => database.connect({ models: registry.models, now: () => clock.now });
  const first = await connect();
  await first.migrate("apply");
  const others = await Promise.all(Array.from({ length: connections - 1 }, connect));
  const stores = [first, ...others] as const;
  return {
    stores,
    clock,
    close: async () => {
      for (const store of stores) await store.close();
    },
  };
}

export const second = 1000;
export const window = 5 * second;
export const lifespan = 3600 * second;

/** The store that the `i`th of several servers uses. */
export function storeOf({ stores }: ContractWorld, i: number): Store {
  return stores[i % stores.length] ?? stores[0];
}

export async function newAccount(
  { stores: [store] }: ContractWorld,
  given: { model?: Model; email?: string; confirmed?: boolean; fields?: Record<string, unknown> } = {},
): Promise<AccountRecord> {
  const email = given.email ?? newEmail();
  const record = await store.accounts.create(given.model ?? member, {
    provider: "email",
    uid: email,
    email,
    passwordHash: "old-hash",
    confirmed: given.confirmed ?? true,
    fields: given.fields ?? {},
  });
  assert(record !== "taken");
  return record;
}

export const newEmail = (): string => `${randomId().toLowerCase()}@example.com`;
export const idOf = (account: Account): string => String(account.id);
export const newHash = (): TokenHash => hashSecret(newSecret());

export async function newSession(
  { stores: [store] }: ContractWorld,
  accountId: string,
  given: Partial<NewSession> & { model?: Model } = {},
): Promise<Session> {
  const { model = member, ...rest } = given;
  const session = await store.sessions.create(model, {
    client: randomId(),
    accountId,
    tokenHash: newHash(),
    limitedTo: null,
    passwordHash: null,
    lifespan,
    lifetime: null,
    userAgent: null,
    address: null,
    label: null,
    limit: 10,
    ...rest,
  });
  assert(session);
  return session;
}

/** An account with a session whose window is over. */
export async function dueSession(
  world: ContractWorld,
  given: Partial<NewSession> = {},
): Promise<{ account: Account; session: Session }> {
  const { account } = await newAccount(world);
  const session = await newSession(world, idOf(account), given);
  world.clock.now += window;
  return { account, session };
}

/** Accounts of two models that happen to have the same id. */
export async function namesakes(world: ContractWorld): Promise<string> {
  let [one, other] = [await newAccount(world), await newAccount(world, { model: admin })];
  while (one.account.id !== other.account.id) {
    if (Number(one.account.id) < Number(other.account.id)) one = await newAccount(world);
    else other = await newAccount(world, { model: admin });
  }
  return idOf(one.account);
}
