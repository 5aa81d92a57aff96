/** Work that waits, and who waits for it. */
interface Waiting<T> {
  readonly work: () => Promise<T>;
  readonly resolve: (done: T | Promise<T>) => void;
}

/**
 * Does the work of one name one after the other. `isFinal`: with such an outcome, whoever waits behind gets the same, without work of
 * their own.
 */
export function createQueues<T>(
  isFinal: (outcome: T) => boolean,
): (name: string, work: () => Promise<T>) => Promise<T> {
  const queues = new Map<string, Waiting<T>[]>();
  const drain = async (name: string, queue: Waiting<T>[]): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const done = next.work();
      next.resolve(done);
      const outcome = await done.catch(() => undefined);
      if (outcome === undefined || !isFinal(outcome)) continue;
      for (const { resolve } of queue.splice(0)) resolve(outcome);
    }
    queues.delete(name);
  };
  return (name, work) =>
    new Promise((resolve) => {
      const waiting = { work, resolve };
      const queue = queues.get(name);
      if (queue) {
        queue.push(waiting);
        return;
      }
      const begun = [waiting];
      queues.set(name, begun);
      void drain(name, begun);
    });
}
