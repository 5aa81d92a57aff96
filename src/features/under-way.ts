/** Attempts whose outcome is not known yet, by whom they are at. In this process. */
export interface UnderWay {
  /** Notes an attempt. Returns what to call when its outcome is known. */
  begin(name: string): (succeeded: boolean) => void;
  /** Waits for the attempts that are under way. `true` as soon as one succeeds, `false` if none does. */
  success(name: string): Promise<boolean>;
}

interface Group {
  running: number;
  waiting: ((succeeded: boolean) => void)[];
}

/** Milliseconds after which an attempt counts as failed whose request has ended in some other way. */
const longest = 5000;

/**
 * Each attempt is counted as a failure before it is looked at, so that many at once never pass a limit. An attempt that meets the limit only
 * because of others under way may be a right one: it waits for them, and a success of theirs makes room.
 */
export function createUnderWay(): UnderWay {
  const groups = new Map<string, Group>();
  return {
    begin(name) {
      const group = groups.get(name) ?? { running: 0, waiting: [] };
      groups.set(name, group);
      group.running++;
      let isOver = false;
      const end = (succeeded: boolean): void => {
        if (isOver) return;
        isOver = true;
        clearTimeout(timer);
        group.running--;
        if (group.running === 0) groups.delete(name);
        if (!succeeded && group.running > 0) return;
        for (const resolve of group.waiting.splice(0)) resolve(succeeded);
      };
      const timer = setTimeout(end, longest, false);
      timer.unref();
      return end;
    },
    success(name) {
      const group = groups.get(name);
      return group ? new Promise((resolve) => group.waiting.push(resolve)) : Promise.resolve(false);
    },
  };
}
