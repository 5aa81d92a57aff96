/** What `within` resolves to in place of work that takes too long. */
export const tooLate = Symbol("too late");

/** Waits for work, at most so long. The work goes on all the same, and what comes of it later is ignored. Rejects if the work does. */
export async function within<T>(milliseconds: number, work: T | Promise<T>): Promise<T | typeof tooLate> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<typeof tooLate>((resolve) => {
    timer = setTimeout(resolve, milliseconds, tooLate);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
