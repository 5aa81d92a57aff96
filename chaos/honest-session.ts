import { type Answer, type Ask, ask, type Outcome } from "./requests.js";
import type { Server } from "./servers.js";
import { countFailure, type Tally, violate } from "./tally.js";

/** `doubtful`: something that ends it was asked for, and the answer is not there yet. */
export type State = "alive" | "doubtful" | "ended";

/** A session as its honest client holds it, by the ordered rule: a token is kept unless its expiry is older. */
export interface HonestSession {
  readonly client: string;
  readonly uid: string;
  readonly state: State;
  /** Generation of the newest token. */
  readonly generation: number;
  /** Every generation's token that was ever received. */
  readonly tokens: ReadonlyMap<number, string>;
  /** Asks with the newest token. What the answer says is judged before it resolves. */
  request(server: Server, what: Ask): Promise<Outcome>;
  /** What anybody shows who holds one of its tokens. */
  headersWith(token: string): Record<string, string>;
  doubt(): void;
  end(): void;
}

/** `window`: milliseconds. `answer`: the one that opened the session. */
export function createHonestSession(
  tally: Tally,
  window: number,
  uid: string,
  answer: Answer,
): HonestSession {
  const client = answer.client ?? "";
  const tokens = new Map<number, string>();
  const expiries = new Map<number, number>();
  let state: State = "alive";
  let newest = { token: "", expiry: 0, generation: 0 };

  const headersWith = (token: string): Record<string, string> => ({
    "access-token": token,
    "token-type": "Bearer",
    client,
    uid,
  });

  const take = ({ token, expiry }: Answer): void => {
    if (token === undefined) return;
    const generation = Buffer.from(token, "base64url").readUIntBE(1, 5);
    const known = tokens.get(generation);
    if (known !== undefined && (known !== token || expiries.get(generation) !== expiry))
      violate(tally, `${client}: two answers disagree about generation ${generation}`);
    if (generation > newest.generation && expiry <= newest.expiry)
      violate(tally, `${client}: the expiry of generation ${generation} is not later than its predecessor's`);
    tokens.set(generation, token);
    expiries.set(generation, expiry);
    if (generation > newest.generation) tally.rotations += generation - newest.generation;
    if (expiry >= newest.expiry) newest = { token, expiry, generation };
  };

  const judge = (outcome: Outcome, shown: number, stateBefore: State, path: string): void => {
    if (outcome.kind === "lost") tally.lostAnswers++;
    if (outcome.kind === "broken") countFailure(tally, outcome.why);
    if (outcome.kind !== "answer") return;
    const { answer, took } = outcome;
    take(answer);
    if (answer.status >= 500) {
      countFailure(tally, String(answer.status));
      if (answer.status !== 503) violate(tally, `${path} answered ${answer.status}: ${answer.body}`);
      else if (answer.retryAfter === undefined) violate(tally, `${path} answered 503 without Retry-After`);
    } else if (answer.status !== 401 && (answer.status !== 404 || state === "alive")) {
      if (stateBefore === "ended")
        violate(tally, `${client}: ${path} let an ended session in with generation ${shown}`);
    } else if (state !== "alive") {
      tally.refused++;
      // Only its end refuses an honest client, and then for good.
      end();
    } else if (took >= window && shown < newest.generation) {
      tally.late++;
    } else {
      tally.sessionsLost++;
      violate(
        tally,
        `${client}: ${path} answered ${answer.status} after ${Math.round(took)} ms to generation ${shown} of ${newest.generation}`,
      );
    }
  };

  const end = (): void => {
    if (state !== "ended") tally.ended++;
    state = "ended";
  };

  take(answer);
  tally.opened++;
  return {
    client,
    uid,
    tokens,
    headersWith,
    get state() {
      return state;
    },
    get generation() {
      return newest.generation;
    },
    async request(server, what) {
      tally.requests++;
      const { token, generation } = newest;
      const stateBefore = state;
      const outcome = await ask(server, {
        ...what,
        headers: { ...what.headers, ...headersWith(token) },
      });
      judge(outcome, generation, stateBefore, `${what.method} ${what.path}`);
      return outcome;
    },
    doubt() {
      if (state === "alive") state = "doubtful";
    },
    end,
  };
}
