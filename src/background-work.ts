import { within } from "./time-limit.js";

/** Work that goes on after a response has left, such as sending a notice. */
export interface BackgroundWork {
  /** Starts it. Failures are reported. */
  run(work: () => Promise<void>): void;
  /** Waits until all of it is done, at most `timeout` milliseconds. Returns how many pieces of work were given up. */
  finish(timeout: number): Promise<number>;
}

export function createBackgroundWork(onError: (error: unknown) => void): BackgroundWork {
  const running = new Set<Promise<void>>();
  const allDone = async (): Promise<void> => {
    // Work may start more of it.
    while (running.size > 0) await Promise.all(running);
  };
  return {
    run(work) {
      const task: Promise<void> = work()
        .catch(onError)
        .finally(() => running.delete(task));
      running.add(task);
    },
    async finish(timeout) {
      await within(timeout, allDone());
      return running.size;
    },
  };
}
