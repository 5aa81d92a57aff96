import assert from "node:assert/strict";
import fc from "fast-check";
import { randomId } from "../../engine/random.js";
import {
  expiryAfterRenewal,
  expiryAfterRotation,
  isExpired,
  isInWindow,
  knowsUid,
} from "../../engine/rules.js";
import type { FoundSession, Session } from "../port.js";
import {
  type ContractCase,
  type ContractWorld,
  idOf,
  member,
  newAccount,
  newEmail,
  newHash,
  newSession,
  second,
} from "./world.js";

/** One request of a random history: how it comes, and what it asks for. */
const attempt = fc.record({
  /** After which of these the request comes, and how many milliseconds beside it. */
  after: fc.constantFrom("now", "window", "lifespan", "expiry"),
  beside: fc.oneof(fc.integer({ min: -2, max: 2 }), fc.integer({ min: -3 * second, max: 90 * second })),
  window: fc.constantFrom(0, 1, 999, second, 5 * second),
  lifespan: fc.constantFrom(second, 1500, 60 * second, 3600 * second),
  uid: fc.constantFrom("own", "own", "own", "previous", "other"),
  /** Whether the account's password changes then, and the session goes on with a new token. */
  changesPassword: fc.constantFrom(false, false, false, true),
});
const history = fc.record({
  // A minute, and then a second: what runs ahead of time meets its bound.
  lifespan: fc.constantFrom(1500, 60 * second, 60 * second, 3600 * second),
  lifetime: fc.constantFrom(null, 1700, 70 * second, 3600 * second),
  changesAddress: fc.boolean(),
  attempts: fc.array(attempt, { minLength: 1, maxLength: 8 }),
});
type Attempt = typeof attempt extends fc.Arbitrary<infer T> ? T : never;
type History = typeof history extends fc.Arbitrary<infer T> ? T : never;

/** `engine/rules.ts` and the store's own statements say the same. */
export const rotationRulesContract: readonly ContractCase[] = [
  {
    name: "a rotation happens, and ends, exactly as the rules of the engine say, for any state, clock and settings",
    async run(world) {
      const opened = world.clock.now;
      await fc.assert(
        fc.asyncProperty(history, async (one) => {
          world.clock.now = opened;
          await follow(world, one);
        }),
        { numRuns: 100 },
      );
      world.clock.now = opened;
    },
  },
];

async function follow(world: ContractWorld, { attempts, changesAddress, ...given }: History): Promise<void> {
  const [store] = world.stores;
  let { account } = await newAccount(world);
  const previous = account.uid;
  let session = await newSession(world, idOf(account), given);
  if (changesAddress) {
    const changed = await store.accounts.update(member, idOf(account), { email: newEmail() });
    assert(changed && changed !== "taken");
    account = changed.account;
    session = { ...session, previousUid: previous };
  }
  for (const request of attempts) {
    const { window, lifespan } = request;
    world.clock.now = momentOf(request, session, world.clock.now);
    const now = world.clock.now;
    // Only a session that is there can ask for one.
    if (request.changesPassword && !isExpired(session, now, lifespan)) {
      session = await renewed(world, session, now, lifespan);
      continue;
    }
    const uid = { own: account.uid, previous, other: newEmail() }[request.uid];
    const next = { nextTokenHash: newHash(), nonce: randomId() };
    const { client, tokenHash } = session;
    const result = await store.sessions.rotate(member, {
      ...next,
      client,
      tokenHash,
      uid,
      window,
      lifespan,
      address: null,
    });
    const found: FoundSession = { session, account, now };
    const due =
      knowsUid(found, uid) && !isExpired(session, now, lifespan) && !isInWindow(session, now, window);
    if (due) session = rotated(session, next, now, lifespan);
    assert.deepEqual(typeof result === "object" ? result.session : "none", due ? session : "none");
  }
  // What was refused has changed nothing.
  world.clock.now = session.rotatedAt;
  const stored = await store.sessions.find(member, session.client);
  assert.deepEqual(stored?.session ?? "expired", session.expiresAt > world.clock.now ? session : "expired");
}

function momentOf({ after, beside, window, lifespan }: Attempt, session: Session, now: number): number {
  const moments = {
    now,
    window: session.rotatedAt + window,
    lifespan: session.rotatedAt + lifespan,
    expiry: session.expiresAt,
  };
  return moments[after] + beside;
}

async function renewed(
  { stores: [store] }: ContractWorld,
  session: Session,
  now: number,
  lifespan: number,
): Promise<Session> {
  const tokenHash = newHash();
  const changed = await store.accounts.update(member, session.accountId, {
    password: { hash: "x", keep: session.client, renewed: { tokenHash, lifespan }, endOthers: false },
  });
  assert(changed && changed !== "taken");
  return {
    ...session,
    generation: session.generation + 1,
    tokenHash,
    nonce: null,
    previousNonce: null,
    rotatedAt: now,
    windowExtendedUntil: 0,
    expiresAt: expiryAfterRenewal(session, now, lifespan),
  };
}

function rotated(
  session: Session,
  { nextTokenHash, nonce }: { readonly nextTokenHash: Session["tokenHash"]; readonly nonce: string },
  now: number,
  lifespan: number,
): Session {
  return {
    ...session,
    generation: session.generation + 1,
    tokenHash: nextTokenHash,
    nonce,
    previousNonce: session.nonce,
    rotatedAt: now,
    windowExtendedUntil: 0,
    expiresAt: expiryAfterRotation(session, now, lifespan),
  };
}
