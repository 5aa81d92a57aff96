import { setTimeout as sleep } from "node:timers/promises";

const attempts = 6;

/** Does something again, after a moment of random length that grows, while it fails in a way that passes by itself. */
export async function retrying<T>(
  work: () => Promise<T>,
  isPassing: (error: unknown) => boolean,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === attempts || !isPassing(error)) throw error;
    }
    await sleep(Math.random() * 5 * 2 ** attempt);
  }
}
