import type { Account, Model } from "../core/models.js";
import type { Sessions, Turn } from "../core/sessions.js";

/**
 * Honest clients on bad networks, to see how often the engine locks one of them out (`docs/rotation.md` §5). Time is simulated:
 * messages leave and arrive in the order of their times, each request is judged by the real engine over a real store.
 */

/** Milliseconds; probabilities from 0 to 1. */
export interface Network {
  readonly name: string;
  /** Longest way of a message, each way. */
  readonly delay: number;
  /** Share of the messages that never arrive. */
  readonly loss: number;
  /** Share of the requests that the server works on for up to `slowest`. */
  readonly slow: number;
  readonly slowest: number;
  readonly window: number;
}

/** Which token a client keeps: the one with the latest expiry, whatever came last, or its first one for ever. */
export type Habit = "ordered" | "naive" | "deaf";

export interface SimulatedWorld {
  readonly sessions: Sessions;
  readonly model: Model;
  readonly account: Account;
  /** The clock of the servers and the database. */
  readonly clock: { now: number };
}

export interface Outcome {
  /** The token that the client is left with is refused, at its last request and after the last message too. */
  readonly lockedOut: boolean;
  /** Requests that were refused although they had been under way for less than a window. */
  readonly refusedUnderWay: number;
}

interface Kept {
  readonly token: string;
  readonly expiry: number;
}

const requests = 120;
/** Milliseconds between two requests or bursts. */
const longestPause = 7000;

/** One client's life of 120 requests, half of them in bursts. */
export async function simulate(
  { sessions, model, account, clock }: SimulatedWorld,
  network: Network,
  habit: Habit,
  random: () => number,
): Promise<Outcome> {
  const events: Agenda = createAgenda();
  const device = { userAgent: null, address: null, label: null };
  const opened = await sessions.open(model, account, device);
  const { client } = opened.session;
  let kept: Kept = { token: opened.token ?? "", expiry: opened.expiry };
  let refusedAtEnd = false;
  let refusedUnderWay = 0;

  const present = ({ token }: Kept): Promise<Turn | undefined> =>
    sessions.admit([model], { accessToken: token, client, uid: account.uid }, { address: null });
  const receive = (answer: Kept): void => {
    if (habit === "deaf" || (habit === "ordered" && answer.expiry < kept.expiry)) return;
    kept = answer;
  };
  const travel = (arrive: () => Promise<void>): void => {
    if (random() >= network.loss) events.at(clock.now + random() * network.delay, arrive);
  };
  const answer = async (turn: Turn, isSlow: boolean): Promise<void> => {
    const { token, expiry } = turn;
    const fresh = !isSlow || (await sessions.hold(turn));
    if (fresh && token !== undefined) travel(async () => receive({ token, expiry }));
  };
  const work = (turn: Turn, until: number, isSlow: boolean): void => {
    const look = clock.now + network.window / 2;
    if (look >= until) events.at(until, () => answer(turn, isSlow));
    else
      events.at(look, async () => {
        await sessions.hold(turn);
        work(turn, until, true);
      });
  };
  const request = async (): Promise<void> => {
    const sent = clock.now;
    const shown = kept;
    travel(async () => {
      const turn = await present(shown);
      if (!turn) {
        if (clock.now - sent < network.window) refusedUnderWay++;
        return;
      }
      if (random() < network.slow) work(turn, clock.now + random() * network.slowest, false);
      else await answer(turn, false);
    });
  };

  let time = clock.now;
  for (let sent = 0; sent < requests; ) {
    time += random() * longestPause;
    const together = random() < 0.25 ? 2 + Math.floor(random() * 4) : 1;
    for (let i = 0; i < together && sent < requests; i++, sent++) events.at(time, request);
  }
  // Not only after the last message: a last answer that was lost would count, which another request could have made good.
  events.at(time, async () => {
    refusedAtEnd = (await present(kept)) === undefined;
  });
  await events.run(clock);
  clock.now += 10 * network.window + network.slowest;
  const refusedAfter = (await present(kept)) === undefined;
  return { lockedOut: refusedAtEnd && refusedAfter, refusedUnderWay };
}

interface Agenda {
  at(time: number, what: () => Promise<void>): void;
  run(clock: { now: number }): Promise<void>;
}

/** What is to happen, as a heap by time; at the same time, in the order of planning. */
function createAgenda(): Agenda {
  const heap: { time: number; order: number; what: () => Promise<void> }[] = [];
  let planned = 0;
  const before = (i: number, j: number): boolean => {
    const [one, other] = [heap[i], heap[j]];
    if (!one || !other) return one !== undefined;
    return one.time < other.time || (one.time === other.time && one.order < other.order);
  };
  const swap = (i: number, j: number): void => {
    const [one, other] = [heap[i], heap[j]];
    if (one && other) [heap[i], heap[j]] = [other, one];
  };
  const take = (): (() => Promise<void>) | undefined => {
    const [first] = heap;
    const last = heap.pop();
    if (!first || !last || heap.length === 0) return first?.what;
    heap[0] = last;
    for (let i = 0; ; ) {
      const left = 2 * i + 1;
      const child = before(left, left + 1) ? left : left + 1;
      if (child >= heap.length || before(i, child)) break;
      swap(i, child);
      i = child;
    }
    return first.what;
  };
  return {
    at(time, what) {
      heap.push({ time: Math.round(time), order: planned++, what });
      for (
        let i = heap.length - 1, parent = (i - 1) >> 1;
        i > 0 && before(i, parent);
        i = parent, parent = (i - 1) >> 1
      )
        swap(i, parent);
    },
    async run(clock) {
      for (let next = heap[0]; next; next = heap[0]) {
        clock.now = next.time;
        await take()?.();
      }
    },
  };
}

/** Random numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const calm: Network = { name: "calm (≤ 0.5 s)", delay: 500, loss: 0, slow: 0, slowest: 0, window: 5000 };
const lost = { delay: 20_000, loss: 0.2, slow: 0.1, slowest: 30_000 };

/** The rows of the table. */
export const networks: readonly Network[] = [
  calm,
  { ...calm, name: "jitter (≤ 4 s each way)", delay: 4000 },
  { ...calm, name: "10 % of messages lost, jitter, no client retry", delay: 4000, loss: 0.1 },
  { ...calm, name: "one request in ten takes up to 30 s", slow: 0.1, slowest: 30_000 },
  { ...calm, ...lost, name: "20 % lost, up to 20 s each way, slow requests" },
  { ...calm, ...lost, name: "the same, window 45 s", window: 45_000 },
];

/** The columns of the table. */
export const columns: readonly { readonly mode: "expire" | "recover"; readonly habit: Habit }[] = [
  { mode: "expire", habit: "ordered" },
  { mode: "expire", habit: "naive" },
  { mode: "recover", habit: "ordered" },
  { mode: "recover", habit: "naive" },
  { mode: "recover", habit: "deaf" },
];
