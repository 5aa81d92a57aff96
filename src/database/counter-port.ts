/** How much of something may happen. */
export interface CounterRule {
  /** How often, until the limit is met. */
  readonly limit: number;
  /** Milliseconds. Without `pauses`, they begin with the first time and end then, whatever comes meanwhile; with them, after the last time. */
  readonly window: number;
  /** Whether, from the limit on, one more may happen after each pause: of 1 s at first, twice as long each time, 15 min at most. */
  readonly pauses?: boolean;
  /** Whether it is one of few that a store in memory drops for no other: a flood of names must not begin it anew. */
  readonly isKept?: boolean;
}

/** Whether a limit is met, and in how many milliseconds the same would pass. */
export interface CounterOutcome {
  readonly isMet: boolean;
  readonly retryIn: number;
}

/**
 * Counters of what has happened, by name. However many count at one moment, over however many servers: no more pass than the rule allows.
 * What is refused is not counted, so it prolongs nothing.
 */
export interface CounterStore {
  /** Counts one time, if the rule allows it. */
  count(name: string, rule: CounterRule): Promise<CounterOutcome>;
  /** The same without counting. */
  look(name: string, rule: CounterRule): Promise<CounterOutcome>;
  /** Takes one time back that was counted and was none after all. Without it, such a time stays counted. */
  giveBack?(name: string, rule: CounterRule): Promise<void>;
  /** Begins anew. */
  forget(name: string): Promise<void>;
  /** What the operator should know of how the store is set up, as a sentence. Asked once, after the first response. */
  warning?(): Promise<string | undefined>;
}

/** What a counter holds. Times in unix milliseconds. */
export interface CounterState {
  readonly times: number;
  readonly blockedUntil: number;
  readonly expiresAt: number;
}

export const passed: CounterOutcome = { isMet: false, retryIn: 0 };

/**
 * Whether a counter has had its time, and begins anew. One that would last for twice as long was begun by a clock that has been set back
 * since, or by another one: nobody is shut out until that time comes again.
 */
export function isOver(
  { expiresAt }: Pick<CounterState, "expiresAt">,
  { window }: Pick<CounterRule, "window">,
  now: number,
): boolean {
  return expiresAt <= now || expiresAt > now + 2 * window;
}

/** What a counter says at a time; `undefined`: there is none yet. */
export function outcomeOf(counter: CounterState | undefined, rule: CounterRule, now: number): CounterOutcome {
  if (!counter || isOver(counter, rule, now)) return passed;
  const { limit, pauses } = rule;
  const end = pauses ? counter.blockedUntil : counter.times >= limit ? counter.expiresAt : 0;
  return end > now ? { isMet: true, retryIn: end - now } : passed;
}

/** The shortest and the longest pause, milliseconds. */
export const firstPause = 1000;
export const longestPause = 15 * 60_000;
/** How often a pause doubles before it is the longest. */
export const doublings = 10;
