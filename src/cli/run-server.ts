import { reportFailure } from "./failures.js";
import type { Serving } from "./serve.js";

/** Milliseconds in which several signals are one wish: after Ctrl-C the terminal and npm each send one. */
const sameWish = 500;

/**
 * Prints where a server listens, and closes it when the process gets SIGTERM or SIGINT. A second SIGTERM, or a second signal after half
 * a second, ends the process at once.
 */
export function runServer(serving: Serving): void {
  let stopping: { readonly signal: NodeJS.Signals; readonly since: number } | undefined;
  const stop = (signal: "SIGTERM" | "SIGINT"): void => {
    if (stopping) {
      const isTwice = signal === "SIGTERM" && stopping.signal === "SIGTERM";
      if (isTwice || performance.now() - stopping.since > sameWish) process.exit(exitCodes[signal]);
      return;
    }
    stopping = { signal, since: performance.now() };
    serving.close().then(() => process.exit(0), reportFailure);
  };
  process.on("SIGTERM", stop).on("SIGINT", stop);
  console.log(`Keyturn is at ${serving.url}`);
  if (serving.metricsUrl !== undefined) console.log(`Its metrics are at ${serving.metricsUrl}`);
}

/** 128 plus the signal's number, as shells have it. */
const exitCodes = { SIGTERM: 143, SIGINT: 130 };
