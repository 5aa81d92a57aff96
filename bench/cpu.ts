import { readdirSync, readFileSync } from "node:fs";

/** Nanoseconds of CPU, user and system, of each thread of some processes. */
export type CpuTimes = ReadonlyMap<string, number>;

/**
 * What the threads of these processes have used so far. `undefined` where it cannot be read: another machine, not Linux, or a process
 * that is called something else and so is not the database.
 */
export function cpuTimes(pids: readonly number[], name: RegExp): CpuTimes | undefined {
  const times = new Map<string, number>();
  for (const pid of pids) {
    const called = read(`/proc/${pid}/comm`);
    // It has ended meanwhile.
    if (called === undefined) continue;
    if (!name.test(called)) return undefined;
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      // Not utime and stime of `stat`: those are in steps of 10 ms.
      const ran = read(`/proc/${pid}/task/${thread}/schedstat`)?.split(" ")[0];
      if (ran !== undefined) times.set(thread, Number(ran));
    }
  }
  return times.size === 0 ? undefined : times;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

/** Microseconds between two readings. What ended in between is not in it. */
export function cpuUsed(before: CpuTimes | undefined, after: CpuTimes | undefined): number | undefined {
  if (!before || !after) return undefined;
  let used = 0;
  for (const [thread, time] of after) used += time - (before.get(thread) ?? 0);
  return used / 1000;
}
