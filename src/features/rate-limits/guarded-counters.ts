import { type CounterOutcome, type CounterStore, passed } from "../../database/counter-port.js";
import { AuthError } from "../../errors.js";
import { tooLate, within } from "../../time-limit.js";
import { createQueues } from "./queues.js";

/** Milliseconds for which a store that failed is not asked again. */
const pause = 5000;

export interface GuardOptions {
  readonly store: CounterStore;
  /** Counts while the store is away. */
  readonly memory: CounterStore;
  /** Milliseconds that the store may take. Nobody waits for a counter. */
  readonly patience: number;
  readonly whenAway: "memory" | "open" | "closed";
  /** Is told at each change, not at each request. */
  readonly onChange: (isAway: boolean, error: unknown) => void;
  /** Is told once what the store warns of. */
  readonly onWarning: (sentence: string) => void;
}

/** A store that may be away: what happens then is decided within its time limit, and is never an error of its own. */
export function guardCounters({
  store,
  memory,
  patience,
  whenAway,
  onChange,
  onWarning,
}: GuardOptions): CounterStore {
  let askAgainAt = 0;
  let isAway = false;
  let isNew = true;
  const change = (now: boolean, error?: unknown): void => {
    if (isAway !== now) onChange(now, error);
    isAway = now;
  };
  const askForWarning = (): void => {
    isNew = false;
    // A store that may not be asked how it is set up counts all the same.
    store.warning?.().then(
      (sentence) => sentence !== undefined && onWarning(sentence),
      () => undefined,
    );
  };
  const ask = async <T>(work: (counters: CounterStore) => Promise<T>, open: T): Promise<T> => {
    if (performance.now() >= askAgainAt) {
      try {
        const done = await within(patience, work(store));
        if (done === tooLate) throw new Error("The store of the rate limits did not respond in time");
        change(false);
        if (isNew) askForWarning();
        return done;
      } catch (error) {
        askAgainAt = performance.now() + pause;
        change(true, error);
      }
    }
    if (whenAway === "closed") throw new AuthError("unavailable");
    return whenAway === "open" ? open : work(memory);
  };
  const unlessAway = (work: (counters: CounterStore) => Promise<void>): Promise<void> =>
    ask(work, undefined).catch((error: unknown) => {
      if (!(error instanceof AuthError)) throw error;
    });
  // A burst for one counter asks one after the other: at the same row all would only wait for each other, and longer than they may.
  const counting = createQueues<CounterOutcome>(({ isMet }) => isMet);
  return {
    count: (name, rule) =>
      counting(name, () => ask(async (counters) => asOutcome(await counters.count(name, rule)), passed)),
    look: (name, rule) => ask(async (counters) => asOutcome(await counters.look(name, rule)), passed),
    giveBack: (name, rule) => unlessAway(async (counters) => counters.giveBack?.(name, rule)),
    // A failure that is not forgotten is no reason to refuse who has just proved himself.
    forget: (name) => unlessAway((counters) => counters.forget(name)),
  };
}

/** What a store of the app's own has returned, which may be anything. Throws where it tells nobody when to come again. */
function asOutcome(outcome: Partial<CounterOutcome> | undefined): CounterOutcome {
  if (outcome?.isMet === false) return passed;
  const { isMet, retryIn } = outcome ?? {};
  if (isMet !== true || !Number.isFinite(retryIn))
    throw new TypeError(
      "The store of the rate limits has to return { isMet, retryIn }, retryIn in milliseconds",
    );
  return { isMet, retryIn: Math.max(1, Number(retryIn)) };
}
