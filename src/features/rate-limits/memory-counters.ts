import {
  type CounterRule,
  type CounterState,
  type CounterStore,
  doublings,
  firstPause,
  isOver,
  longestPause,
  outcomeOf,
  passed,
} from "../../database/counter-port.js";

interface Counter extends CounterState {
  /** Whether it is not dropped before its time: its limit is met, or its rule says so. */
  readonly stays: boolean;
}

/** How many of the oldest are looked at for one that may go. */
const looks = 50;

/**
 * Counters in the memory of this process. `capacity`: how many there are at most. A new one takes the place of the oldest that need not
 * stay; while there is none among the oldest, new ones are not kept, so that nobody can push his own lock out.
 */
export function createMemoryCounters(now: () => number, capacity = 100_000): CounterStore {
  const counters = new Map<string, Counter>();
  const makeRoom = (at: number): boolean => {
    if (counters.size < capacity) return true;
    let left = looks;
    for (const [name, { expiresAt, stays }] of counters) {
      if (expiresAt <= at || !stays) return counters.delete(name);
      if (--left === 0) return false;
    }
    return false;
  };
  return {
    async count(name, rule) {
      const at = now();
      const was = counters.get(name);
      const outcome = outcomeOf(was, rule, at);
      if (outcome.isMet) return outcome;
      const isNew = was === undefined || isOver(was, rule, at);
      const times = isNew ? 1 : was.times + 1;
      const counter = {
        times,
        blockedUntil: rule.pauses ? at + pauseAfter(times, rule) : 0,
        expiresAt: isNew || rule.pauses ? at + rule.window : was.expiresAt,
        stays: times >= rule.limit || rule.isKept === true,
      };
      // Behind the others again, so that the oldest stand first.
      if (isNew) counters.delete(name);
      if (!isNew || makeRoom(at)) counters.set(name, counter);
      return passed;
    },
    look: async (name, rule) => outcomeOf(counters.get(name), rule, now()),
    async giveBack(name, rule) {
      const was = counters.get(name);
      if (!was || was.times === 0) return;
      const times = was.times - 1;
      const isOpen = times < rule.limit;
      counters.set(name, {
        ...was,
        times,
        blockedUntil: isOpen ? 0 : was.blockedUntil,
        stays: !isOpen || rule.isKept === true,
      });
    },
    async forget(name) {
      counters.delete(name);
    },
  };
}

function pauseAfter(times: number, { limit }: CounterRule): number {
  if (times < limit) return 0;
  return times < limit + doublings ? firstPause * 2 ** (times - limit) : longestPause;
}
