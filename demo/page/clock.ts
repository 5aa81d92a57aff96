import { useEffect, useState, useSyncExternalStore } from "react";
import type { Entry, Traffic } from "./traffic.js";

/** The time, often enough for a countdown with one decimal. Stands still while nothing counts down. */
export function useNow(isRunning: boolean): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!isRunning) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 100);
    return () => clearInterval(timer);
  }, [isRunning]);
  return isRunning ? now : Date.now();
}

/** All entries. Renders again with each of them. */
export function useTraffic(traffic: Traffic): readonly Entry[] {
  return useSyncExternalStore(traffic.subscribe, traffic.entries);
}
